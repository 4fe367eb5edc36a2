import Testing

@Suite("The mistakes that @Cached refuses", .timeLimit(.minutes(10)))
struct DiagnosticTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let source: String
        let errors: [String]
        let notes: [String]

        var testDescription: String { source }

        init(_ source: String, _ errors: String..., notes: [String] = []) {
            self.source = source
            self.errors = errors
            self.notes = notes
        }
    }

    private static let functions = [
        Case(
            "@Cached(IntCache.self) func f(id: Int) -> Int { id }",
            "1:30: error: a cached function has to be 'async throws', since it may wait for a server",
            notes: ["1:30: note: write 'async throws'"]),
        Case(
            "@Cached(IntCache.self) func f(id: Int) async -> Int { id }",
            "1:40: error: a cached function has to be 'async throws', since it may wait for a server",
            notes: ["1:40: note: write 'async throws'"]),
        Case(
            "@Cached(IntCache.self) func f(id: Int) throws -> Int { id }",
            "1:40: error: a cached function has to be 'async throws', since it may wait for a server",
            notes: ["1:40: note: write 'async throws'"]),
        Case(
            "@Cached(IntCache.self) func f(id: Int) async throws(CancellationError) -> Int { id }",
            "1:40: error: a cached function has to be 'async throws', since it may wait for a server",
            notes: ["1:40: note: write 'async throws'"]),
        Case(
            "@Cached(IntCache.self) func f(id: Int) async throws { }",
            "1:29: error: a function without a result can't be cached"),
        Case(
            "@Cached(IntCache.self) func f(id: Int) async throws -> () { }",
            "1:56: error: a function without a result can't be cached"),
        Case(
            "@Cached(IntCache.self) func f(id: Int) async throws -> some KeyPart { id }",
            "1:56: error: a result that is cached has to be of a type with a name"),
        Case(
            "@Cached(IntCache.self) func f(id: inout Int, s: borrowing String) async throws -> Int { 1 }",
            "1:31: error: a cached function can't have a parameter that is 'inout'",
            "1:46: error: a cached function can't have a parameter that is 'borrowing'"),
        Case(
            "@Cached(IntCache.self) func f(ids: Int...) async throws -> Int { 1 }",
            "1:31: error: a variadic parameter can't be part of a key; say by 'key:' what is"),
        Case(
            "@Cached(IntCache.self) func f(_: Int) async throws -> Int { 1 }",
            "1:31: error: a parameter without a name can't be part of a key; name it, or say by 'key:' what is"
        ),
        Case(
            "protocol P { @Cached(IntCache.self) func f(id: Int) async throws -> Int }",
            "1:42: error: a function without a body can't be cached"),
        Case(
            "struct S { @Cached(IntCache.self) init(id: Int) async throws {} }",
            "1:12: error: only a function can be cached"),
    ]

    private static let arguments = [
        Case(
            "let all = IntCache.self\n@Cached(all) func f(id: Int) async throws -> Int { id }",
            "2:9: error: the class of the cache has to be written out, as in 'UserCache.self'"),
        Case(
            "let t: StaticString = \"\"\n@Cached(IntCache.self, key: t) func f(id: Int) async throws -> Int { id }",
            "2:29: error: the key template has to be a literal, to be checked when the program is compiled"),
        Case(
            #"@Cached(IntCache.self, key: "a\n{id}") func f(id: Int) async throws -> Int { id }"#,
            "1:29: error: the key template has to be text on one line, without escapes and interpolation"),
        Case(
            "@Cached(IntCache.self, key: \"\"\"\n  {id}\n  \"\"\") func f(id: Int) async throws -> Int { id }",
            "1:29: error: the key template has to be text on one line, without escapes and interpolation"),
    ]

    private static let templates = [
        template("", "the key template is empty"),
        template(".{id}", "a part of the key template is empty"),
        template("{id}.", "a part of the key template is empty"),
        template("a..{id}", "a part of the key template is empty"),
        template("{id", "there is no '}' for this '{'; write '{{' for a brace in the key"),
        template("{id.{id}", "there is no '}' for this '{'; write '{{' for a brace in the key"),
        template("{{id}", "there is no '{' for this '}'; write '}}' for a brace in the key"),
        template("id}", "there is no '{' for this '}'; write '}}' for a brace in the key"),
        template("{}", "between braces stands a parameter or a property of one: '{id}', '{user.id}'"),
        template("{id.}", "between braces stands a parameter or a property of one: '{id}', '{user.id}'"),
        template("{ id }", "between braces stands a parameter or a property of one: '{id}', '{user.id}'"),
        template("{id + 1}", "between braces stands a parameter or a property of one: '{id}', '{user.id}'"),
        template(
            "{id}-{b}",
            "a part of a key can hold one value only, or different values could make the same key; "
                + "put a '.' before this one"),
        template("{ids}", "the variadic parameter 'ids' can't be part of a key"),
        template(
            "a.{idd}", "the key template names 'idd', which is no parameter; it can name 'id', 'b', 'ids'",
            notes: ["write 'id'", "write 'b'", "write 'ids'"]),
        template(
            "{self.id}", "the key template names 'self', which is no parameter; it can name 'id', 'b', 'ids'",
            notes: ["write 'id'", "write 'b'", "write 'ids'"]),
        Case(
            #"@Cached(IntCache.self, key: "{id}") func f() async throws -> Int { 1 }"#,
            "1:30: error: the key template names 'id', which is no parameter; the function has none"),
        Case(
            #"struct S { var id = 1; @Cached(IntCache.self, key: "{id}.{self}") func f() async throws -> Int { 1 } }"#,
            "1:53: error: the key template names 'id', which is no parameter; it can name 'self'",
            "1:53: error: 'self' can't be part of a key; name a property of it, as in 'self.id'"),
    ]

    /// A compiler points at the text in the literal.
    private static func template(_ text: String, _ error: String, notes: [String] = []) -> Case {
        Case(
            "@Cached(IntCache.self, key: \"\(text)\") "
                + "func f(id: Int, b: Int, ids: Int...) async throws -> Int { 1 }",
            "1:30: error: \(error)", notes: notes.map { "1:30: note: \($0)" })
    }

    @Test(
        "A mistake is an error with its place and advice",
        arguments: functions + arguments + templates)
    func refused(_ item: Case) async throws {
        let compiled = try await MacroCompiler.check(item.source)
        #expect(compiled.errors == item.errors, "\(compiled.output)")
        #expect(compiled.notes == item.notes, "\(compiled.output)")
    }

    @Test("A name that is not a parameter can be replaced where it stands")
    func nameFixIt() async throws {
        let compiled = try await MacroCompiler.check(
            #"@Cached(IntCache.self, key: "users.{usr}") func f(user: Int) async throws -> Int { user }"#)
        #expect(
            compiled.output.contains(
                """
                @Cached(IntCache.self, key: "users.{usr}") func f(user: Int) async throws -> Int { user }
                                             ^      ~~~
                                                    user
                """), "\(compiled.output)")
    }

    @Test("A function can be made 'async throws'")
    func effectsFixIt() async throws {
        let compiled = try await MacroCompiler.check(
            "@Cached(IntCache.self) func f(id: Int) throws -> Int { id }")
        #expect(compiled.output.contains("(id: Int) async throws -> Int\n"), "\(compiled.output)")
    }

    @Test("An error in the body is reported where it is")
    func bodyError() async throws {
        let compiled = try await MacroCompiler.check(
            """
            @Cached(IntCache.self)
            func f(id: Int) async throws -> Int {
                let text: String = 7
                return id
            }
            @Cached(IntCache.self) func g(id: Int) async throws -> Int { idd }
            """)
        #expect(
            compiled.errors.map { $0.prefix { $0 != "'" } } == [
                "3:24: error: cannot convert value of type ", "6:62: error: cannot find ",
            ], "\(compiled.output)")
    }

    @Test("A parameter whose type can't be part of a key is reported in its own line")
    func keyPart() async throws {
        let compiled = try await MacroCompiler.check(
            """
            @Cached(IntCache.self)
            func f(id: Int, user: User) async throws -> Int { 1 }

            @Cached(IntCache.self, key: "{id}.of-{user}")
            func g(id: Int, user: User) async throws -> Int { 1 }

            @Cached(IntCache.self)
            func h(
                id: Int,
                user: User
            ) async throws -> Int { 1 }

            @Cached(IntCache.self, key: "{user.name}")
            func i(user: User) async throws -> Int { 1 }
            """)
        // The column is right if there is room to the left for the generated code.
        #expect(
            compiled.errors.map { $0.replacing(/:\d+:/, with: ":") } == [
                "2: error: static method 'part' requires that 'User' conform to 'KeyPart'",
                "4: error: static method 'part' requires that 'User' conform to 'KeyPart'",
                "10: error: static method 'part' requires that 'User' conform to 'KeyPart'",
                "13: error: value of type 'User' has no member 'name'",
            ], "\(compiled.output)")
        #expect(compiled.errors[2].hasPrefix("10:5:"))
    }

    @Test("A cache of another type than the result is named", arguments: ["Int?", "String"])
    func valueType(_ type: String) async throws {
        let compiled = try await MacroCompiler.check(
            "@Cached(IntCache.self) func f(id: Int) async throws -> \(type) { fatalError() }")
        #expect(
            compiled.output.contains("cannot convert value of type 'Cache<Int>' to type 'Cache<\(type)>'"),
            "\(compiled.output)")
    }
}

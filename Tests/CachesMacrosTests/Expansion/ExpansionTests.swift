import Testing

@Suite("Expansions of @Cached", .timeLimit(.minutes(10)))
struct ExpansionTests {
    /// The text in the attribute's parentheses, the rest of a function, and their expansion: the cache, in
    /// which `<id>` is checked to be a part of a key, and the arguments of `fetch`.
    struct Case: CustomTestStringConvertible, Sendable {
        let arguments: String
        let function: String
        let cache: String
        let fetch: String

        var testDescription: String { "(\(arguments)) \(function)" }

        init(_ arguments: String, _ function: String, _ cache: String, fetch: String = "") {
            self.arguments = arguments
            self.function = function
            self.cache = cache
            self.fetch = fetch
        }

        static let all = [
            // The key: every parameter.
            Case("IntCache.self", "func f() async throws -> Int", "IntCache()"),
            Case("IntCache.self", "func f(id: Int) async throws -> Int", "IntCache(<id>)"),
            Case("IntCache.self", "func f(_ id: Int) async throws -> Int", "IntCache(<id>)"),
            Case(
                "IntCache.self", "func f(for id: Int, b: String) async throws -> Int", "IntCache(<id>, <b>)"
            ),
            Case("IntCache.self", "func f(`for`: Int) async throws -> Int", "IntCache(<`for`>)"),
            Case("IntCache.self", "func f(default: Int) async throws -> Int", "IntCache(<`default`>)"),
            Case("IntCache.self", "func f(id: Int = 3) async throws -> Int", "IntCache(<id>)"),
            Case("IntCache.self", "func f(id: some KeyPart) async throws -> Int", "IntCache(<id>)"),
            Case("IntCache.self", "func f<Id: KeyPart>(id: Id) async throws -> Int", "IntCache(<id>)"),
            Case(
                "IntCache.self",
                "func f(on a: isolated (any Actor)? = #isolation, id: Int) async throws -> Int",
                "IntCache(<id>)"),
            Case("IntCache.self", "func f(id: Int) async throws(any Error) -> Int", "IntCache(<id>)"),

            // Options.
            Case("Cache<Int>.self", "func f(id: Int) async throws -> Int", "Cache<Int>(<id>)"),
            Case(
                #"IntCache.self, prefix: "p", ttl: .seconds(5)"#, "func f(id: Int) async throws -> Int",
                #"IntCache(<id>, prefix: "p", ttl: .seconds(5))"#),
            Case(
                "IntCache.self, unless: { $0 < 0 }", "func f(id: Int) async throws -> Int",
                "IntCache(<id>)", fetch: "(unless: { $0 < 0 })"),
            Case(
                "IntCache.self, key: nil, prefix: nil, ttl: nil, unless: nil",
                "func f(id: Int) async throws -> Int", "IntCache(<id>)"),

            // Templates.
            Case(
                #"IntCache.self, key: "{id}""#, "func f(id: Int, b: User) async throws -> Int",
                "IntCache(<id>)"),
            Case(
                #"IntCache.self, key: "users.{of.id}.{id}""#, "func f(of: User, id: Int) async throws -> Int",
                #"IntCache("users", <of.id>, <id>)"#),
            Case(
                #"IntCache.self, key: "page-{id}.{id}px.v{id}x""#, "func f(id: Int) async throws -> Int",
                #"IntCache("page-" + <id>, <id> + "px", "v" + <id> + "x")"#),
            Case(
                #"IntCache.self, key: "{{{id}}}.{{}}""#, "func f(id: Int) async throws -> Int",
                #"IntCache("{" + <id> + "}", "{}")"#),
            Case(
                #"IntCache.self, key: "{default}""#, "func f(default: Int) async throws -> Int",
                "IntCache(<`default`>)"),
            Case(
                ##"IntCache.self, key: #"say "hi" {id}"#"##, "func f(id: Int) async throws -> Int",
                ##"IntCache(#"say "hi" "# + <id>)"##),
            Case(
                #"IntCache.self, key: "größe.{id}""#, "func f(id: Int) async throws -> Int",
                #"IntCache("größe", <id>)"#),
            Case(
                #"IntCache.self, key: "all""#, "func f(id: Int) async throws -> Int",
                #"IntCache("all")"#),
        ]
    }

    @Test("The body becomes the computation of a fetch", arguments: Case.all)
    func call(_ item: Case) async throws {
        let compiled = try await MacroCompiler.check(
            "@Cached(\(item.arguments)) \(item.function) { 7 }", "-Xfrontend", "-dump-macro-expansions")
        #expect(compiled.errors == [], "\(compiled.output)")
        let expansion = try #require(compiled.expansions.first, "\(compiled.output)")
        let cache = item.cache.replacing(/<(`?[a-z][a-z.]*`?)>/) { "Caches.CacheKey.part(\($0.1))" }
        let call = "try await (\(cache) as Caches.Cache<Int>).fetch\(item.fetch) {"
        let lines = expansion.split(separator: "\n")
        #expect(lines.first == "#sourceLocation(file: \"test.swift\", line: 1)")
        // Spaces put its words where they come from.
        #expect(lines[1].filter { $0 != " " } == call.filter { $0 != " " }, "\(expansion)")
        #expect(compiled.expansions.count == 1)
    }

    @Test("The body stays as it was, with its place in the file")
    func body() async throws {
        let compiled = try await MacroCompiler.check(
            #"""
            @Cached(IntCache.self)
            func f(id: Int) async throws -> Int {
                // A comment.
                let text = """
                      \(id)
                    """
                return text.count
            }
            """#, "-Xfrontend", "-dump-macro-expansions")
        // The rest of the line where the body begins; nothing but spaces.
        let expansion = compiled.expansions.first?.replacing(/\n +\n/, with: "\n\n")
        #expect(
            expansion == #"""
                #sourceLocation(file: "test.swift", line: 1)
                try await (IntCache(Caches.CacheKey
                      .part(id)) as Caches.Cache<Int>).fetch {
                #sourceLocation(file: "test.swift", line: 2)

                    // A comment.
                    let text = """
                          \(id)
                        """
                    return text.count
                #sourceLocation()
                }
                """#)
    }

    @Test("Functions of every kind compile, also for compilers without nonsending functions")
    func kinds() async throws {
        let compiled = try await MacroCompiler.check(
            """
            actor Counter {
                var count = 0
                let id = 1
                @Cached(IntCache.self, key: "{self.id}") func next() async throws -> Int { count += 1; return count }
                @Cached(IntCache.self) static func zero(id: Int) async throws -> Int { 0 }
            }
            @MainActor final class Model {
                var count = 0
                @Cached(IntCache.self) func next(id: Int) async throws -> Int { count += id; return count }
            }
            struct Value {
                var count = 0
                @Cached(IntCache.self) mutating func next(id: Int) async throws -> Int { count += id; return count }
            }
            extension Value {
                @Cached(IntCache.self, key: "{self.count}") func same() async throws -> Int { count }
            }
            func outer() async throws {
                var count = 0
                @Cached(IntCache.self) func inner(id: Int) async throws -> Int { count += id; return count }
                _ = try await inner(id: 4)
            }
            """)
        #expect(compiled.output == "")
    }
}

import CachesTransport
import Testing

@testable import CachesCluster

/// Patterns of keys, without a server.
@Suite struct GlobTests {
    @Test("A literal is a pattern, and an interpolated text stands for itself")
    func interpolation() {
        let name = #"a*b?[c]\^-"#
        let escaped = #"a\*b\?\[c]\\^-"#
        #expect(("user.*" as Glob).pattern == "user.*")
        #expect(("user.\(name).*" as Glob).pattern == "user.\(escaped).*")
        #expect(("\(1).\(name.dropFirst(2))" as Glob).pattern == #"1.b\?\[c]\\^-"#)
        #expect(Glob.escaping(name).pattern == escaped)
        #expect(Glob.escaping("{42}.日本").pattern == "{42}.日本")
    }

    @Test("The initialiser takes a text as it is, but a literal is still a literal there")
    func initialiser() {
        let typed = "user.*"
        #expect(Glob(typed).pattern == "user.*")
        #expect(Glob("user.\(typed)").pattern == #"user.user.\*"#)
    }

    @Test("A glob in a glob stays a pattern")
    func nested() {
        let below: Glob = "*.[ab]"
        #expect(("user.\(below)" as Glob).pattern == "user.*.[ab]")
    }

    @Test(
        "A pattern that means to Redis what it looks like is valid",
        arguments: [
            "*", "?", "a", "user.*", "[a]", "[^a]", "[abc]", "[a-c]", "[^a-cx0-9]", "[-a]", "[a\\-]",
            "[a\\-c]", "[\\]]", "[\\^]", "[a^]", "[a!]", "[\\!a]", "[[]", "[*?]", "]", "a]", "{a,b}", "\\*",
            "\\\\", "\\[", "[a-c-e]", "[\\\\]", "日本*", "é?", "!a", "^a", "a-", "[--0]", "[a][b]",
        ])
    func valid(pattern: String) throws {
        try Glob(pattern).validate()
    }

    @Test(
        "A pattern that means something else to Redis is refused, with advice",
        arguments: [
            ("", "empty", "`*`"), ("a\\", "ends in a backslash", "`\\\\`"),
            ("\\\\\\", "ends in a backslash", "`\\\\`"), ("[", "without its `]`", "`\\[`"),
            ("user.[ab", "without its `]`", "`\\[`"), ("[a\\", "without its `]`", "`\\[`"),
            ("[a\\]", "without its `]`", "`\\[`"), ("[^", "without its `]`", "`\\[`"),
            ("[a-", "without its `]`", "`\\[`"), ("[a-c", "without its `]`", "`\\[`"),
            ("[]", "nothing in them", "`\\]`"), ("[]a]", "nothing in them", "`\\]`"),
            ("[^]", "nothing in them", "`\\]`"), ("[^]a]", "nothing in them", "`\\]`"),
            ("[!a]", "`[!`", "`[^a]`"), ("[c-a]", "runs backwards", "`[a-c]`"),
            ("[a-]", "makes no range", "first"), ("[a-\\]]", "makes no range", "first"),
            ("[\\a-c]", "makes no range", "first"), ("[é]", "not ASCII", "bytes"),
            ("[a-é]", "not ASCII", "bytes"), ("[\\é]", "not ASCII", "bytes"),
        ])
    func invalid(pattern: String, message: String, advice: String) throws {
        let error = #expect(throws: CachesError.self) { try Glob(pattern).validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(message) == true, "\(error!)")
        #expect(error?.advice?.contains(advice) == true, "\(error!)")
    }

    @Test(
        "A pattern that could mean every key is known",
        arguments: [("*", true), ("**", true), ("?*", true), ("???", true), ("a*", false), ("[^a]*", false)])
    func everything(pattern: String, expected: Bool) {
        #expect(Glob(pattern).namesNoCharacter == expected)
        #expect(Glob.everything.namesNoCharacter)
    }
}

import Testing

@testable import CachesCluster

@Suite struct HashTagTests {
    @Test(
        "A key is placed by its tag, or by the whole of it",
        arguments: [
            ("user.42", "user.42"),
            ("{user.42}.name", "user.42"),
            ("name.{user.42}", "user.42"),
            ("a{b}c{d}", "b"),
            ("a{{b}}c", "{b"),
            ("a}{b}", "b"),
            ("{}{b}", "{}{b}"),
            ("a{}", "a{}"),
            ("a{b", "a{b"),
            ("a}b{", "a}b{"),
            ("a}b", "a}b"),
            ("{", "{"),
            ("", ""),
            ("{ü}", "ü"),
            ("{ }", " "),
        ])
    func rule(key: String, part: String) {
        let bytes = Array(key.utf8)
        let range = HashTag.range(in: bytes.span)
        #expect(String(decoding: bytes[range], as: UTF8.self) == part)
        #expect(HashTag.tag(of: key) == (part == key ? nil : part))
        #expect(HashTag.hash(of: key) == XXHash64.hash(of: part))
    }
}

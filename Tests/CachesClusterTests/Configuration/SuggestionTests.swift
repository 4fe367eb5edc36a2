import Testing

@testable import CachesCluster

@Suite struct SuggestionTests {
    @Test(
        "The distance counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("redis", "redis", 0), ("redsi", "redis", 1),
            ("rdis", "redis", 1), ("reddis", "redis", 1), ("radis", "redis", 1), ("kitten", "sitting", 3),
            ("ca", "abc", 3),
        ])
    func distance(left: String, right: String, expected: Int) {
        #expect(Suggestion.distance(left, right) == expected)
        #expect(Suggestion.distance(right, left) == expected)
    }

    @Test(
        "Only a near word is suggested",
        arguments: [("timeuot", "timeout"), ("http", nil), ("d", nil), ("", nil), ("bd", "db")]
            as [(String, String?)])
    func suggestion(word: String, expected: String?) {
        #expect(Suggestion.suggestion(for: word, among: ["timeout", "weight", "db"]) == expected)
    }

    @Test("A word of any length is compared in no time")
    func long() {
        #expect(Suggestion.suggestion(for: String(repeating: "a", count: 1_000_000), among: ["db"]) == nil)
    }
}

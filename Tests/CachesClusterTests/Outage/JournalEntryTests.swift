import CachesTransport
import Testing

@testable import CachesCluster

/// The reach of a note that another program has written.
@Suite struct JournalEntryTests {
    @Test(
        "A note is of one key of a cache, or of a class with a prefix, and of nothing else",
        arguments: [
            ("kuser.1", .key("user.1")), ("suser.", .scope("user.")), ("s", nil), ("s.", nil), ("s1", nil),
            ("suser", nil), ("scaches:", nil), ("scaches:gutter.", nil), ("kcaches:journal:b", nil),
            ("k", nil),
            ("xuser.1", nil), ("", nil), ("k\u{FFFD}", .key("\u{FFFD}")),
        ] as [(String, JournalEntry?)])
    func reach(field: String, expected: JournalEntry?) {
        #expect(JournalEntry(field: Bytes(field.utf8)) == expected)
    }
}

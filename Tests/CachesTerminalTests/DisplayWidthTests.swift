import CachesTransport
import Testing

@testable import CachesTerminal

struct DisplayWidthTests {
    @Test(
        "A text's width is the columns a terminal gives it",
        arguments: [
            ("", 0), ("redis", 5), ("naïve", 5), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("ｗｉｄｅ", 8),
            ("🚀", 2), ("👩‍👩‍👧", 2), ("❤️", 2), ("🇪🇺", 2), ("→ ok", 4), ("█▌", 2), ("\u{200B}", 0),
        ])
    func width(text: String, columns: Int) { #expect(text.displayWidth == columns) }

    @Test("A terminal's control characters are shown as one mark each, never sent")
    func printable() {
        #expect("a\u{1B}[31mb\r\nc\u{7}\u{9B}".printable == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}c\u{FFFD}\u{FFFD}")
        #expect("日本 ok".printable == "日本 ok")
    }

    @Test("Padding counts columns, not characters")
    func padding() {
        #expect("日本".padded(to: 6) == "日本  ")
        #expect("日本".padded(to: 6, .right) == "  日本")
        #expect("longer".padded(to: 3) == "longer")
    }

    @Test(
        "A text that is too long is cut to the columns there are",
        arguments: [
            ("address", 7, Truncation.end, "address"), ("address", 5, .end, "addr…"),
            ("address", 1, .end, "…"),
            ("address", 0, .end, ""), ("日本語", 4, .end, "日…"), ("/tmp/fleet/a.sock", 9, .middle, "/tmp…sock"),
            ("日本語です", 6, .middle, "日…す"),
        ])
    func truncation(text: String, columns: Int, truncation: Truncation, expected: String) {
        let cut = text.truncated(to: columns, truncation)
        #expect(cut == expected)
        #expect(cut.displayWidth <= columns)
    }
}

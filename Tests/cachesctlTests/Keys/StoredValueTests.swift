import Caches
import CachesTerminal
import Testing

@testable import cachesctl

struct StoredValueTests {
    private func bytes(_ text: String) -> Bytes { Array(text.utf8)[...] }

    @Test("A text keeps its lines and tabs, and nothing that moves the cursor")
    func text() {
        let value = StoredValue(content: .string(bytes("a\r\nb\tc\n\u{1B}[2J\r\u{7}")), count: 1)
        #expect(value.lines(of: "k", .plain, width: nil) == ["a\nb\tc\n\u{FFFD}[2J\u{FFFD}\u{FFFD}"])
        #expect(value.isWhole)
    }

    @Test("A table is as narrow as the terminal, and its key and cells can't reach it")
    func table() {
        let long = String(repeating: "x", count: 200)
        let value = StoredValue(
            content: .hash([(bytes(long), bytes(long)), (bytes("\u{1B}c"), bytes("日本"))]), count: 3)
        let lines = value.lines(of: "k\u{1B}", .plain, width: 42)
        #expect(lines[0] == "k\u{FFFD}: hash of 3 fields")
        #expect(lines.dropFirst().allSatisfy { $0.displayWidth <= 42 && !$0.contains("\u{1B}") })
        #expect(!value.isWhole && value.shown == 2)
    }

    @Test("JSON distinguishes texts from bytes and has no infinite numbers")
    func json() throws {
        let set = StoredValue(
            content: .sortedSet([(bytes("a"), "-inf"), (Bytes([0xFF]), "2")]), count: 2)
        #expect(
            try JSONText.line(KeyObject(key: "k/1", value: set)) == """
                {"count":2,"key":"k/1","type":"zset","value":[{"element":"a","score":"-inf"},{"element":{"base64":"/w=="},"score":2}]}
                """)
        #expect(
            try JSONText.line(KeyObject(key: "k", value: nil))
                == #"{"count":0,"key":"k","type":"none","value":null}"#)
    }
}

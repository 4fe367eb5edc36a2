import Testing

@testable import CachesTransport

@Suite("Texts that can be shown")
struct PrintableTextTests {
    @Test(
        "Characters that end a line, drive a terminal or change the direction of text are replaced",
        arguments: [
            ("plain ASCII", "plain ASCII"), ("Zürich 日本 🦊", "Zürich 日本 🦊"), ("a\nb", "a�b"),
            ("a\r\nb", "a��b"), ("\u{1B}[31mred", "�[31mred"), ("\u{9B}2J", "�2J"), ("\u{7F}", "�"),
            ("a\u{2028}b\u{2029}c", "a�b�c"), ("\u{202E}gpj.exe", "�gpj.exe"), ("\u{2066}x\u{2069}", "�x�"),
            ("\u{200F}", "�"), ("\u{FEFF}x", "�x"), ("x\u{E0041}", "x�"), ("a\tb", "a�b"), ("\0", "�"),
            ("👩\u{200D}👧 \u{645}\u{200C}\u{6CC}", "👩\u{200D}👧 \u{645}\u{200C}\u{6CC}"), ("", ""),
        ])
    func characters(text: String, expected: String) { #expect(text.printable == expected) }

    @Test("A text is cut where it would be longer than it may be")
    func length() {
        #expect(PrintableText("abcdef", atMost: 6).text == "abcdef")
        #expect(PrintableText("abcdefg", atMost: 6).text == "abcdef…")
        #expect(PrintableText("äöü", atMost: 3).text == "ä…")
    }

    @Test("An error is one line, whatever its texts are made of")
    func error() {
        var error = CachesError(
            .server("E\u{1B}R\nR"), "It said:\nforged line", advice: "Do\u{202E}it", node: "n\u{2028}ode",
            underlying: ServerError("ERR a\nb"))
        #expect(error.message == "It said:�forged line")
        #expect("\(error)".unicodeScalars.allSatisfy { $0.isShown })
        error.message = "set\nlater"
        #expect("\(error)".unicodeScalars.allSatisfy { $0.isShown })
    }

    @Test("A server's text is shown in one line of 1 KiB at most")
    func server() {
        let long = ServerError("ERR " + String(repeating: "x", count: 100_000))
        #expect("\(long.error(node: "a"))".utf8.count < 1200)
        #expect("\(long)".utf8.count < 1200)
        let code = ServerError(String(repeating: "X", count: 100_000) + " y").error(node: nil).code
        #expect(code.description.utf8.count < 100)
        #expect(
            "\(ServerError("ERR \u{1B}[2J\r\nOK").error(node: "a"))".unicodeScalars.allSatisfy { $0.isShown })
        #expect(
            "\(ServerError("ERR unknown command 'X', with args beginning with: 'value'"))"
                == "ERR unknown command 'X'")
    }
}

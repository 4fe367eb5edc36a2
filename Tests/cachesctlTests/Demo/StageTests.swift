import CachesTerminal
import TestSupport
import Testing

@testable import cachesctl

struct StageTests {
    @Test("Acts are numbered, findings are marked, and long ones keep to their column")
    func report() {
        let transcript = Transcript()
        let stage = Stage(transcript.console(width: 40))
        stage.begin("Fill", "100 keys")
        stage.report("written")
        stage.begin("Read back")
        stage.report("two of them were not read right at all, alas", isGood: false)
        stage.remark("why")
        stage.draw { _, width in ["chart of \(width)"] }
        #expect(
            transcript.text == """

                1  Fill  100 keys
                   ✓ written

                2  Read back
                   ✗ two of them were not read right at
                     all, alas
                     why
                   chart of 37

                """)
    }

    @Test("A progress bar shows on a terminal only, within its width")
    func progress() {
        for isTerminal in [true, false] {
            let transcript = Transcript()
            let progress = Stage(transcript.console(isTerminal: isTerminal, width: 40)).progress(128)
            for _ in 0..<128 { progress.advance() }
            let drawings = transcript.text.split(separator: "\r\u{1B}[K")
            #expect(drawings.isEmpty != isTerminal)
            #expect(drawings.allSatisfy { String($0).displayWidth <= 40 })
        }
    }

    @Test(
        "Text breaks at spaces, and a word that is too long keeps its line",
        arguments: [
            ("a b c", 3, ["a b", "c"]), ("word", 2, ["word"]), ("", 5, [""]),
            ("to longest to", 4, ["to", "longest", "to"]),
        ])
    func wrapping(text: String, width: Int, lines: [String]) { #expect(text.wrapped(to: width) == lines) }
}

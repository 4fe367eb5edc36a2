import TestSupport
import Testing

@testable import CachesTerminal

struct ConsoleTests {
    @Test("On a terminal a transient line gives way to the next line")
    func terminal() {
        let transcript = Transcript()
        let console = transcript.console(isTerminal: true)
        console.transient("10 %")
        console.transient("20 %")
        console.line("done")
        console.line("more")
        #expect(transcript.text == "\r\u{1B}[K10 %\r\u{1B}[K20 %\r\u{1B}[Kdone\nmore\n")
    }

    @Test("A transient line that is settled stays, once")
    func settle() {
        let transcript = Transcript()
        let console = transcript.console(isTerminal: true)
        console.settle()
        console.transient("10 %")
        console.settle()
        console.settle()
        console.line("interrupted")
        #expect(transcript.text == "\r\u{1B}[K10 %\ninterrupted\n")
    }

    @Test("In a pipe there are whole lines only")
    func pipe() {
        let transcript = Transcript()
        let console = transcript.console()
        console.transient("10 %")
        console.line("done")
        #expect(transcript.text == "done\n")
    }
}

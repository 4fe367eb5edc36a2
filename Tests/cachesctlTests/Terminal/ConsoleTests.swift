import Synchronization
import Testing

@testable import cachesctl

/// A console whose output can be read.
final class Transcript: Sendable {
    private let storage = Mutex("")
    var text: String { storage.withLock { $0 } }

    func console(isTerminal: Bool = false, width: Int = 80) -> Console {
        Console(isTerminal: isTerminal, width: width, style: .plain) { text in
            self.storage.withLock { $0 += text }
        }
    }
}

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

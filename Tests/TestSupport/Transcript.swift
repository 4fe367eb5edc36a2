import CachesTerminal
import Synchronization

/// A console whose output can be read.
package final class Transcript: Sendable {
    private let storage = Mutex("")
    package var text: String { storage.withLock { $0 } }

    package init() {}

    package func console(isTerminal: Bool = false, width: Int = 80) -> Console {
        Console(isTerminal: isTerminal, width: width, style: .plain) { text in
            self.storage.withLock { $0 += text }
        }
    }
}

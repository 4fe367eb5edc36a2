import Caches
import Logging
import Synchronization

/// Reads every text that comes out of the library, and notes passwords and harmful characters.
final class Judge: Sendable {
    /// The password in every DSN.
    static let secret = "hunter2-correct-horse"

    private let ignored: Set<Failure.Kind>
    private let found = Mutex<[(kind: Failure.Kind, text: String)]>([])

    init(ignoring ignored: Set<Failure.Kind>) { self.ignored = ignored }

    /// Returns the failures found since the last time, and forgets them.
    func take() -> [(kind: Failure.Kind, text: String)] {
        found.withLock { found in
            defer { found = [] }
            return found
        }
    }

    func note(_ kind: Failure.Kind, _ text: String) {
        guard !ignored.contains(kind) else { return }
        found.withLock { if $0.count < 8 { $0.append((kind, String(text.prefix(1000)))) } }
    }

    /// Reads a text that is shown or logged.
    func read(_ text: String) {
        if text.contains(Self.secret) { note(.secret, text) }
        if text.unicodeScalars.contains(where: \.isHarmful) { note(.control, text) }
    }

    /// Reads a text of several lines.
    func read(lines text: String) {
        for line in text.split(separator: "\n") { read(String(line)) }
    }

    /// Reads the error that a call has thrown.
    func read(_ error: any Error) {
        switch error {
        case is CancellationError: break
        case let fault as ToolFault: note(fault.kind, fault.text)
        case is CachesError: read("\(error)")
        default: note(.stranger, "\(error)")
        }
    }
}

/// Reads the library's log.
struct JudgingLog: LogHandler {
    let judge: Judge
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        judge.read("\(event.message)")
        for (key, value) in event.metadata ?? [:] { judge.read("\(key)=\(value)") }
    }
}

import CachesTransport
import Logging
import Synchronization

/// Keeps the log.
final class LogRecorder: Sendable {
    /// A line of the log.
    struct Line: Sendable, Equatable {
        let level: Logger.Level
        let message: String
        let node: String?
        let address: String?
        let error: String?
    }

    private let recorded = Mutex<[Line]>([])
    private let keepsLines: Bool

    init(keepsLines: Bool = true) { self.keepsLines = keepsLines }

    /// Every line so far.
    var lines: [Line] { recorded.withLock { $0 } }

    /// A logger whose lines are kept here.
    var logger: Logger { Logger(label: "test", factory: { _ in Handler(recorder: self) }) }

    fileprivate func record(_ line: Line) {
        if keepsLines { recorded.withLock { $0.append(line) } }
    }
}

private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    // Changes that users need not know of are logged at a lower level.
    var logLevel = Logger.Level.info

    init(recorder: LogRecorder) { self.recorder = recorder }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = event.metadata ?? [:]
        SecretWatch.check("\(event.message) \(values)")
        recorder.record(
            LogRecorder.Line(
                level: event.level, message: event.message.description,
                node: values["node"]?.description, address: values["address"]?.description,
                error: values["error"]?.description))
    }
}

import CachesTransport
import Logging

/// The library's log while the tests run, searched for secrets as its errors are.
enum WatchedLog {
    /// Begins, once: from then on every logger that is made without its own handler is watched.
    static let begin: Void = {
        SecretWatch.begin()
        LoggingSystem.bootstrap { _ in Handler() }
    }()

    private struct Handler: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            SecretWatch.check("\(event.message) \(event.metadata ?? [:]) \(metadata)")
        }
    }
}

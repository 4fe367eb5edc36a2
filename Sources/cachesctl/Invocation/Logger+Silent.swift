import Logging

extension Logger {
    /// Drops everything: the commands report the nodes' state themselves.
    static var silent: Logger { Logger(label: "cachesctl") { _ in SwiftLogNoOpLogHandler() } }
}

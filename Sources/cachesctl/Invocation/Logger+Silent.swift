import Logging

extension Logger {
    /// Drops everything: the commands say what happens to the nodes in their own words.
    static var silent: Logger { Logger(label: "cachesctl") { _ in SwiftLogNoOpLogHandler() } }
}

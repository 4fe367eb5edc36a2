/// Something about a server that its operator should know.
struct Finding: Equatable, Sendable, Encodable {
    /// How bad it is.
    enum Severity: String, Comparable, Sendable, Encodable {
        /// The server works, but not as a cache should.
        case warning
        /// The pool can't do its work with this server.
        case failure

        static func < (left: Severity, right: Severity) -> Bool { left == .warning && right == .failure }
    }

    var severity: Severity
    var message: String
    var advice: String

    static func warning(_ message: String, _ advice: String) -> Finding {
        Finding(severity: .warning, message: message, advice: advice)
    }

    static func failure(_ message: String, _ advice: String) -> Finding {
        Finding(severity: .failure, message: message, advice: advice)
    }
}

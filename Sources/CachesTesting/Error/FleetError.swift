/// Why a fleet, a server or a set of certificates could not be made, and what to do about it.
///
/// Print it to understand: when a server ended while it started, the message holds the end of its log.
public struct FleetError: Error, Hashable, Sendable {
    /// The kind of failure.
    public var code: Code

    /// What happened.
    public var message: String

    /// What to do about it, if there is something to do.
    public var advice: String?

    init(_ code: Code, _ message: String, advice: String? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
    }
}

extension FleetError {
    /// The kinds of failure. More may be added: compare, don't enumerate.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as it is printed.
        public let description: String

        private init(_ description: String) { self.description = description }

        /// Neither `redis-server` nor `valkey-server` is installed.
        public static let serverNotInstalled = Code("server not installed")
        /// A server process ended while it started.
        public static let startFailed = Code("start failed")
        /// A deadline passed.
        public static let timeout = Code("timeout")
        /// An administration command was refused, or its connection was lost.
        public static let commandFailed = Code("command failed")
        /// The `openssl` command is missing or failed.
        public static let certificates = Code("certificates")
        /// The operating system refused a socket, a process or a file.
        public static let system = Code("system")
        /// The fleet has been stopped.
        public static let stopped = Code("stopped")
    }
}

extension FleetError: CustomStringConvertible {
    /// `code: message advice`.
    public var description: String {
        "\(code): \(message)" + (advice.map { " " + $0 } ?? "")
    }
}

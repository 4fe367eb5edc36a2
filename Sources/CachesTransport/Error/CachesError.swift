/// What went wrong, where, and what to do about it.
///
/// There is one error type for the whole library. Look at ``code`` to decide, print the error to understand:
/// its description names the node, says what happened and what fixes it. It never holds a password, a key's
/// value or any other secret.
///
/// ```swift
/// do {
///     try await UserCache("42").set(user)
/// } catch let error as CachesError where error.code == .timeout {
///     metrics.slowCache.increment()
/// }
/// ```
///
/// A cancelled task gets Swift's own `CancellationError`.
public struct CachesError: Error, Sendable {
    /// The kind of failure.
    public var code: Code

    /// What happened, in one sentence.
    public var message: String

    /// What to do about it, if there is something to do.
    public var advice: String?

    /// The name of the node it happened on, nil where no single node is to blame.
    public var node: String?

    /// The error that led to this one, if there was one.
    public var underlying: (any Error)?

    /// The connection was over, or the deadline had passed, before the command could be sent: it was surely
    /// not carried out, and may be sent on another connection if there is time.
    package var wasNotSent = false

    /// What happened, for code that judges the server by it; nil for the server's own answers, and for errors
    /// that no connection is involved in.
    package var incident: Incident?

    /// The call itself may have ended the connection: it is not sent again.
    package var mayBeItsCause = false

    /// Makes an error. Characters in its texts that would end a line, drive a terminal or change the
    /// direction of text are replaced by U+FFFD.
    public init(
        _ code: Code, _ message: String, advice: String? = nil, node: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message.printable
        self.advice = advice?.printable
        self.node = node?.printable
        self.underlying = underlying
        #if DEBUG
            SecretWatch.check(description)
        #endif
    }

    /// The same error, attributed to a node unless it names one already.
    public func at(_ node: String) -> CachesError {
        guard self.node == nil else { return self }
        var error = self
        error.node = node
        return error
    }
}

extension CachesError {
    /// The kinds of failure. More may be added: compare, don't enumerate.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as it is printed.
        public let description: String

        private init(_ description: String) { self.description = description }

        /// A DSN, an environment variable or an option is wrong.
        public static let configuration = Code("configuration")
        /// An argument of the call is wrong: an empty key, a ttl of zero.
        public static let invalidArgument = Code("invalid argument")
        /// A key or a value is larger than a server accepts.
        public static let tooLarge = Code("too large")
        /// No connection to the node could be made.
        public static let unreachable = Code("unreachable")
        /// The connection ended before the reply came. The command may or may not have been carried out.
        public static let connectionLost = Code("connection lost")
        /// The deadline passed. The command may or may not have been carried out.
        public static let timeout = Code("timeout")
        /// More bytes or commands wait for the node than the limits allow.
        public static let overloaded = Code("overloaded")
        /// The TLS handshake failed: certificate, host name, protocol version.
        public static let tls = Code("TLS")
        /// The server refused the user, the password, or what the user may do.
        public static let authentication = Code("authentication")
        /// The server sent something that is not RESP, or a reply of the wrong kind.
        public static let protocolViolation = Code("protocol violation")
        /// A value could not be turned into bytes.
        public static let encoding = Code("encoding")
        /// Stored bytes could not be turned into a value.
        public static let decoding = Code("decoding")
        /// A lock was held by another until the wait for it ended.
        public static let locked = Code("locked")
        /// The pool or connection has been closed by its owner.
        public static let closed = Code("closed")

        /// The server answered with an error. `name` is its first word: `WRONGTYPE`, `OOM`, `ERR`, …
        public static func server(_ name: String) -> Code { Code("server " + name.printable) }

        /// The server's own error word if this is an error answered by a server.
        public var serverName: String? {
            description.hasPrefix("server ") ? String(description.dropFirst("server ".count)) : nil
        }
    }
}

extension CachesError: CustomStringConvertible {
    /// `node: code: message advice (cause)`, on one line.
    public var description: String {
        var text = ""
        if let node { text += "\(node): " }
        text += "\(code): \(message)"
        if let advice { text += " \(advice)" }
        if let underlying { text += " (\(underlying))" }
        // Texts from `init` are printable; texts set later, and the underlying error's, may not be.
        return text.printable
    }
}

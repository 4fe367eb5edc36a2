/// The event that ended a call or a connection, for code that judges a server by it.
///
/// The code of an error tells its caller what to do. It does not tell the cause: opening a connection fails
/// where nobody listens, and also in a process that has used up its descriptors. So the code that makes an
/// error of a connection also says here what happened. An error that a server answers has no incident: the
/// answer speaks.
package enum Incident: Hashable, Sendable, CaseIterable {
    // MARK: The client did not send the command

    /// More calls or bytes wait than its bounds allow.
    case overloaded
    /// A word of the command is longer than any server takes.
    case commandTooLarge
    /// The deadline had passed before there was anything to send.
    case tooLate
    /// The deadline passed while the connection was still being opened.
    case stillOpening

    // MARK: One call's own fault, which ended the connection that all share

    /// The reply is larger than `max-reply-bytes`.
    case replyTooLarge
    /// The reply can't be read.
    case replyUnreadable
    /// The server refused a command as malformed or too long, said so and closed the connection.
    case commandRefused

    // MARK: A connection that was open ended

    /// Its owner closed it, or left it for another one.
    case closedByOwner
    /// The peer closed or reset it while calls waited.
    case closedByPeer
    /// The peer closed or reset it while nothing waited.
    case closedWhileIdle
    /// The peer closed or reset it while it got a command of more than ``Connection/suspiciousBytes``, which
    /// may have been more than it takes. The peer's reason may be lost with the connection.
    case closedUnderLargeCommand
    /// Calls waited, and no byte moved for the time of `stallTimeout`.
    case stalled
    /// A reply came that nobody had asked for: replies and calls don't match any more.
    case unaskedReply

    // MARK: A connection could not be opened

    /// Nobody listens there, or the network has no route to it.
    case connectionRefused
    /// The server did not complete TCP, TLS or the greeting within `connectTimeout`.
    case openingTimedOut
    /// TLS failed: the certificate, the name, the version.
    case tlsFailed
    /// The peer was connected to, and hung up or refused the first commands: a password, a database, `PING`.
    case greetingFailed
    /// The name service knows no such host.
    case nameUnknown
    /// Others that are asked where the server is don't say so.
    case placeUnknown

    // MARK: A connection could not be opened, for the client's own reasons

    /// The name service did not answer, or failed itself.
    case nameServiceFailed
    /// The process has no descriptor, memory or port left for it.
    case clientExhausted
    /// Too many TLS handshakes of this process wait for their turn.
    case handshakesQueued
    /// The certificates or credentials to open it with are unavailable.
    case notPrepared

    // MARK: Silence

    /// The command was sent, and its deadline passed without a reply.
    case noReply
}

extension Incident {
    /// Whether no connection could be opened for a reason that lies with the client or its environment.
    package var isHindrance: Bool {
        switch self {
        case .nameServiceFailed, .clientExhausted, .handshakesQueued, .notPrepared: true
        default: false
        }
    }
}

extension CachesError {
    /// The same error, of an incident, unless it has one.
    package func of(_ incident: Incident) -> CachesError {
        guard self.incident == nil else { return self }
        var error = self
        error.incident = incident
        return error
    }
}

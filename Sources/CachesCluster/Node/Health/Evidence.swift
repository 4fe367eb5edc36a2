internal import CachesTransport

/// An observation of a server by this process, and its meaning.
///
/// # The essay
///
/// A node's health decides where keys are served from, for every caller of this process, and values that this
/// process writes elsewhere meanwhile concern every other process. So only evidence about the server changes
/// it. Three questions are asked of each observation:
///
/// - **What was seen?** An answer, an end, an opening that failed, or silence. Not: an error of some code.
/// - **What is the cause?** The server, this call, or this process itself.
/// - **What if this process is wrong?** It may be cut off, out of descriptors, or out of CPU. So one
///   observation puts a server out only if a second opinion could not differ: the server says itself that it
///   can't serve any client, or nothing can be connected to. Otherwise the server is asked: a ping is cheap,
///   and its answer settles the question.
///
/// **An answer is life**, even an error: a server that says `WRONGTYPE` or `NOPERM` works. Some answers say
/// that the server serves no client now: `LOADING` and `MASTERDOWN` do, and `READONLY` and `NOAUTH` for this
/// connection at least. `BUSY` means that a script runs: the server is given as long as a silent one.
///
/// **A request that the client did not send says nothing.** Its bounds, its deadlines and its closing are its
/// own. Pings pass its bounds, since they are needed most when it has much to send.
///
/// **A fault of one call says nothing against the server**, though it may end the shared connection: a value
/// longer than the server takes, a reply larger than the client takes. A connection that ends under a very
/// long command, or while it carries a call that lost one before, may be such a case, even without an error
/// that says so. Then the server is asked.
///
/// **A connection that ends is a reason to ask**: the server restarts, or an administrator or a proxy closed
/// it. But one that ends within a second, before it answered a single call, was useless, and so would be the
/// next: a server that accepts and hangs up is not asked without pause.
///
/// **A connection that can't be opened means that the server is out**, as far as this process can tell, and
/// only for this process: the way back of a node ensures that no other process pays for a mistake. The
/// exception is a cause on this side of the network: name servers, descriptors, the queue for TLS handshakes,
/// files. Then the health stays as it is, calls fail at once with the reason, and a connection is tried again
/// after a pause (``NodeStateMachine``). While a connection opens, nothing is known yet: a call that waits
/// for it in vain tells nothing about the server; the outcome of the opening does.
///
/// **Silence** of a call is a reason to ask, once: it may be a slow command, and a hundred calls behind it
/// are late for the same cause. Silence of a ping counts, and three failures in a row put the node out,
/// including the late call. Silence means that nothing moves: bytes that come or go ahead of the ping are a
/// sign of life themselves (``CachesTransport`` waits for as long as they move, at 16 KiB a second or more).
enum Evidence: Hashable, Sendable {
    /// A reply other than an error.
    case answer
    /// An error that the server answered.
    case error(Answer)
    /// An incident of a call or a connection.
    case incident(Incident)
    /// The peer closed a connection within a second after it opened, before it answered a call, and no call
    /// is a known cause.
    case endedUseless
    /// A ping was sent, and nothing moved for the time that it may take.
    case silence

    /// The meaning of an error that a server answered.
    enum Answer: Hashable, Sendable, CaseIterable {
        /// The command, its key, its place or its time is wrong.
        case ordinary
        /// The user may not run the command: `NOPERM`.
        case forbidden
        /// A script has been running for long: `BUSY`.
        case busy
        /// The server reads its data: `LOADING`.
        case loading
        /// The server is a replica without a master, and serves no old data: `MASTERDOWN`.
        case masterDown
        /// The server is a replica, and takes no writes: `READONLY`.
        case readOnly
        /// The connection has not sent a valid password: `NOAUTH`.
        case unauthenticated
    }

    /// The conclusion about the server.
    enum Verdict: Hashable, Sendable, CaseIterable {
        /// No change.
        case nothing
        /// It lives.
        case lives
        /// It may be in trouble: it is pinged, unless a ping is under way.
        case doubtful
        /// It failed once more: it is asked again at once, or is out if it failed too often in a row.
        case failed
        /// It is out.
        case out
    }
}

extension Evidence {
    /// The conclusion from this evidence.
    var verdict: Verdict {
        switch self {
        case .answer: .lives
        case .error(let answer):
            switch answer {
            case .ordinary, .forbidden: .lives
            case .busy: .doubtful
            case .loading, .masterDown, .readOnly, .unauthenticated: .out
            }
        case .incident(let incident):
            switch incident {
            case .overloaded, .commandTooLarge, .tooLate, .stillOpening: .nothing
            case .replyTooLarge, .commandRefused: .lives
            case .replyUnreadable: .nothing
            case .closedByOwner: .nothing
            case .closedByPeer, .closedWhileIdle, .closedUnderLargeCommand, .stalled, .unaskedReply: .failed
            case .connectionRefused, .openingTimedOut, .tlsFailed, .greetingFailed, .nameUnknown,
                .placeUnknown:
                .out
            case .nameServiceFailed, .clientExhausted, .handshakesQueued, .notPrepared: .nothing
            case .noReply: .doubtful
            }
        case .endedUseless: .out
        case .silence: .failed
        }
    }

    /// Whether only another connection can lead to a better answer: the password is sent when one opens, and
    /// an address may lead to another server than when this one opened.
    var spoilsConnection: Bool {
        switch self {
        case .error(.unauthenticated), .error(.readOnly), .error(.masterDown): true
        case .answer, .error, .incident, .endedUseless, .silence: false
        }
    }
}

extension Evidence {
    /// The evidence in an error of a call, a ping or a connection; nil if the error has nothing to do with a
    /// server.
    init?(_ error: CachesError) {
        if let incident = error.incident {
            self = .incident(incident)
        } else if let unreadiness = NotReadyReason(error) {
            self = .error(Answer(unreadiness))
        } else if error.meansForbidden {
            self = .error(.forbidden)
        } else if error.code == .authentication || error.code.serverName != nil {
            self = .error(.ordinary)
        } else {
            return nil
        }
    }
}

extension Evidence.Answer {
    fileprivate init(_ unreadiness: NotReadyReason) {
        self =
            switch unreadiness {
            case .loading: .loading
            case .masterDown: .masterDown
            case .readOnly: .readOnly
            case .unauthenticated: .unauthenticated
            case .busy: .busy
            }
    }
}

extension Incident {
    /// Whether the incident ends the connection.
    var endsConnection: Bool {
        switch self {
        case .overloaded, .commandTooLarge, .tooLate, .stillOpening, .noReply: false
        case .replyTooLarge, .replyUnreadable, .commandRefused, .closedByOwner, .closedByPeer,
            .closedWhileIdle,
            .closedUnderLargeCommand, .stalled, .unaskedReply, .connectionRefused, .openingTimedOut,
            .tlsFailed,
            .greetingFailed, .nameUnknown, .placeUnknown, .nameServiceFailed, .clientExhausted,
            .handshakesQueued, .notPrepared:
            true
        }
    }
}

internal import CachesTransport

/// What this process has observed of a server, and what that says of it.
///
/// # The essay
///
/// A node's health decides where keys are served from, for every caller of this process, and what this process writes
/// elsewhere meanwhile concerns every other process. So nothing changes it but evidence about the server. Three
/// questions are asked of each observation:
///
/// - **What was seen?** An answer, an end, an opening that failed, or silence. Not: an error of some code.
/// - **Whose doing is it?** The server's, this call's, or this process's own.
/// - **What if this process is the one that is wrong?** It may be cut off, out of descriptors, or out of CPU. So
///   one observation puts a server out only if a second opinion could not differ: the server says itself that it serves
///   nobody, or nothing can be connected to. Else the server is asked: a sign of life is cheap, and its answer settles it.
///
/// **An answer is life**, an error as well: whoever says `WRONGTYPE` or `NOPERM` works. Some answers say that the
/// server serves nobody now. `LOADING` and `MASTERDOWN` do, and `READONLY` and `NOAUTH` for this connection at least.
/// `BUSY` means that one script runs: the server is given as long as a silent one.
///
/// **What the client did not send says nothing.** Its bounds, its deadlines and its closing are its own. Signs of life
/// pass its bounds, since they are wanted most when it has much to send.
///
/// **One call's own fault says nothing against the server**, though it may end the connection that all share: a value
/// longer than the server takes, a reply larger than the client takes. A connection that ends under a very long command,
/// or while it carries a call that lost one before, may be such a case, though nobody said so. Then the server is asked.
///
/// **A connection that ends is a reason to ask**: the server restarts, or an administrator or a proxy closed it. But one
/// that ends within a second, before it answered a single call, was of no use, and the next one would be of none: a
/// server that accepts and hangs up is not asked without pause.
///
/// **A connection that can't be opened means that the server is out**, as far as this process can tell, and it says so
/// for itself alone: how a node comes back makes sure that nobody else pays for a mistake. Unless the reason is found on
/// this side of the network: name servers, descriptors, the queue for TLS handshakes, files. Then the health stays as it
/// is, calls fail at once with the reason, and a connection is tried again after a pause (``NodeStateMachine``).
/// While one opens, nothing is known yet: who waits for it in vain learns nothing of the server, and its end is the news.
///
/// **Silence** of a call is a reason to ask, once: it may be a slow command, and a hundred calls behind it
/// are late for the same cause. Silence of a sign of life counts, and three failures in a row put the node
/// out, the late call among them. Silence means that nothing moves: bytes that come or go behind which the
/// sign of life waits are a sign themselves (``CachesTransport`` waits on for as long as they do, at 16 KiB a
/// second or more).
enum Evidence: Hashable, Sendable {
    /// A reply that is no error.
    case answer
    /// An error that the server answered.
    case error(Answer)
    /// What befell a call or a connection.
    case incident(Incident)
    /// The peer closed a connection within a second after it opened, before it answered a call, and no call is known
    /// that it may have closed it for.
    case endedUseless
    /// A sign of life was asked for, and nothing moved for the time that it may take.
    case silence

    /// What an error says that a server answered.
    enum Answer: Hashable, Sendable, CaseIterable {
        /// That something is wrong with the command, its key, its place or its time.
        case ordinary
        /// That the user may not do this: `NOPERM`.
        case forbidden
        /// That a script has been running for long: `BUSY`.
        case busy
        /// That it reads its data: `LOADING`.
        case loading
        /// That it is a replica without a master, and serves nothing old: `MASTERDOWN`.
        case masterDown
        /// That it is a replica, and takes no writes: `READONLY`.
        case readOnly
        /// That the connection has not told a password that is valid: `NOAUTH`.
        case unauthenticated
    }

    /// What the server is thought of then.
    enum Verdict: Hashable, Sendable, CaseIterable {
        /// As before.
        case nothing
        /// It lives.
        case lives
        /// It may be in trouble: it is asked for a sign of life, unless it is being asked already.
        case doubtful
        /// It failed once more: it is asked again at once, or is out if it failed too often in a row.
        case failed
        /// It is out.
        case out
    }
}

extension Evidence {
    /// What it says of the server.
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

    /// Whether only another connection can lead to a better answer: the password is told when one opens, and an address
    /// may lead to another server by now than it did when this one opened.
    var spoilsConnection: Bool {
        switch self {
        case .error(.unauthenticated), .error(.readOnly), .error(.masterDown): true
        case .answer, .error, .incident, .endedUseless, .silence: false
        }
    }
}

extension Evidence {
    /// What an error of a call, of a sign of life or of a connection is evidence of; nil if it has nothing to do with a
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
    /// Whether the connection is over with it.
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

public import CachesTransport

/// The state of a node's connection. ``Node/health`` tells more about why a node is not used.
public enum NodeState: Sendable {
    /// No connection: no call has needed one yet, or the last one was lost and the next is about to be
    /// opened.
    case idle
    /// A connection is being opened; calls wait for it.
    case connecting
    /// The connection is open.
    case up
    /// The node is out. Calls fail at once with this error, while the node is asked in the background whether
    /// it is back.
    case down(CachesError)
    /// The pool was closed.
    case closed
}

extension NodeState: CustomStringConvertible {
    /// One word: `idle`, `connecting`, `up`, `down` or `closed`.
    public var description: String {
        switch self {
        case .idle: "idle"
        case .connecting: "connecting"
        case .up: "up"
        case .down: "down"
        case .closed: "closed"
        }
    }
}

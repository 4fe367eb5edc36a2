public import CachesTransport

/// What a node's connection is doing. ``Node/health`` says more of why it is not used.
public enum NodeState: Sendable {
    /// There is none: no call has needed it yet, or the last one was lost and the next is about to be opened.
    case idle
    /// A connection is being opened; calls wait for it.
    case connecting
    /// Commands flow.
    case up
    /// The node is out. Calls fail at once with this error, while it is asked in the background whether it is
    /// back.
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

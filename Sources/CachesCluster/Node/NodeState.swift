public import CachesTransport

/// What a node's connection is doing.
public enum NodeState: Sendable {
    /// No call has needed it yet.
    case idle
    /// A connection is being opened; calls wait for it.
    case connecting
    /// Commands flow.
    case up
    /// The last attempt to connect failed. Calls fail at once with this error, while the node tries again in
    /// the background.
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

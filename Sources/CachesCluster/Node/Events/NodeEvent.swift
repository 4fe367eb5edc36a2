public import CachesTransport

/// A change of a node's health.
public struct NodeEvent: Sendable {
    /// The node's name.
    public let node: String

    /// The former health.
    public let from: NodeHealth

    /// The new health.
    public let to: NodeHealth

    /// The last failure, if the change is for the worse.
    public let reason: CachesError?

    /// When the health changed.
    public let time: ContinuousClock.Instant
}

extension NodeEvent: CustomStringConvertible {
    /// `b: healthy → ejected: ` and the reason.
    public var description: String { "\(node): \(from) → \(to)" + (reason.map { ": \($0)" } ?? "") }
}

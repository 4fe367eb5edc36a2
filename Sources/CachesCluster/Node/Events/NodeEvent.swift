public import CachesTransport

/// A change of a node's health.
public struct NodeEvent: Sendable {
    /// The node's name.
    public let node: String

    /// What it was.
    public let from: NodeHealth

    /// What it is now.
    public let to: NodeHealth

    /// Why, if it is for the worse: what failed last.
    public let reason: CachesError?

    /// When it changed.
    public let time: ContinuousClock.Instant
}

extension NodeEvent: CustomStringConvertible {
    /// `b: healthy → ejected: ` and the reason.
    public var description: String { "\(node): \(from) → \(to)" + (reason.map { ": \($0)" } ?? "") }
}

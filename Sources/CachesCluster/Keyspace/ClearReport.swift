public import CachesTransport

/// The result of ``CachePool/clear(matching:connection:batchSize:deadline:progress:)``: how many keys were
/// removed on each node, and which nodes failed.
///
/// ```swift
/// let removed = try await pool.clear(matching: "user.*").get()    // throws if a node failed
/// ```
///
/// The call itself doesn't throw for a node that is down, so that the removals on the others are reported.
/// Check ``failures``, or let ``get()`` throw.
public struct ClearReport: Sendable {
    /// The result on one node.
    public struct Outcome: Sendable {
        /// The node's name.
        public let node: String

        /// How many keys were removed there, even if the node failed afterwards. After a lost connection, it
        /// may be too low: a command whose reply did not come may have removed keys.
        public let removed: Int

        /// Why keys may be left; nil if only keys written meanwhile may be.
        public let error: CachesError?
    }

    /// The nodes, in the order of the configuration.
    public let nodes: [Outcome]

    /// How many keys were removed on all nodes together.
    public var removed: Int { nodes.reduce(0) { $0 + $1.removed } }

    /// Why keys may be left, one error per failed node; empty if no node failed.
    public var failures: [CachesError] { nodes.compactMap(\.error) }

    /// How many keys were removed, if every node was cleared.
    ///
    /// - Throws: ``CachesError`` if a node failed: it names all failed nodes, with their errors as its
    ///   ``NodeFailures``.
    public func get() throws(CachesError) -> Int {
        guard failures.isEmpty else {
            throw CachesError(
                failures, of: nodes.count, loss: "\(removed) keys were removed, but there may be more on",
                advice: "Clear again when all answer: what was removed stays so.")
        }
        return removed
    }
}

extension ClearReport: CustomStringConvertible {
    /// The number of removed keys, and each node that failed, on one line.
    public var description: String {
        let count = "\(removed) keys removed on \(nodes.count - failures.count) of \(nodes.count) nodes"
        return failures.isEmpty ? count : "\(count); \(NodeFailures(errors: failures))"
    }
}

/// The progress of ``CachePool/clear(matching:connection:batchSize:deadline:progress:)`` on one node.
public struct ClearProgress: Hashable, Sendable {
    /// The node's name.
    public let node: String

    /// How many keys were removed there so far.
    public let removed: Int

    /// About how many keys the node has looked at so far. Starts again if the connection was lost.
    public let visited: Int

    /// How many keys the node had at the start, matching or not; nil if it doesn't say.
    public let total: Int?
}

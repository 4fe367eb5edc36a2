import CachesTransport

extension CachePool {
    /// Moves what still lies on the servers of an earlier configuration to the servers that own it now.
    ///
    /// ```swift
    /// let report = try await pool.rebalance(from: PoolConfiguration(dsns: old), maximumRate: 5000)
    /// ```
    ///
    /// It is for what a hand-over has left behind, since nobody asked for it, or for all of it where the programs
    /// were started anew with another configuration. Each server of the earlier configuration is read page by page,
    /// and what the new one gives to another is moved there with what is left of its ttl, and removed. It can be
    /// ended at any time and run again: what has been moved is moved.
    ///
    /// **A value that is at the new server already stays**, and the old one is removed.
    ///
    /// It is safe beside programs that are handing over or closing, which is the best time for it; not before all
    /// of them are told. Beside programs that were started anew, know this: they don't say what they remove, and a
    /// key that one of them has removed before it was moved is there again afterwards.
    ///
    /// A key does not tell by which ``ConnectionName`` it was placed. So where the pool has groups, or caches on
    /// single servers, run it once for each, with a glob for its keys.
    ///
    /// - Parameters:
    ///   - earlier: The earlier configuration.
    ///   - glob: Which keys. Default: every key.
    ///   - connection: Among which nodes the keys are placed, in both configurations. Default: all.
    ///   - maximumRate: How many keys a second are moved at most, on all servers together. nil: as many as there
    ///     can be.
    ///   - isTrial: Whether it only counts what it would move.
    ///   - deadline: How long each round trip may take. Default 10 s.
    ///   - progress: Told of a node after each of its pages, from the node's own task.
    /// - Returns: What was moved, and which nodes failed: one that does stops no other.
    /// - Throws: ``CachesError``, and then nothing was moved: of code ``CachesError/Code/configuration`` for a wrong
    ///   configuration or an unknown connection, of code ``CachesError/Code/invalidArgument`` for a malformed glob or
    ///   a rate that is not positive. `CancellationError` if the task is cancelled.
    public func rebalance(
        from earlier: PoolConfiguration, matching glob: Glob = .everything,
        connection: ConnectionName = .sharded, maximumRate: Double? = nil, isTrial: Bool = false,
        deadline: Duration = .seconds(10),
        progress: (@Sendable (RebalanceReport.Outcome) -> Void)? = nil
    ) async throws -> RebalanceReport {
        if let maximumRate, !(maximumRate > 0) {
            throw CachesError(
                .invalidArgument, "Keys can't be moved at a rate of \(maximumRate) a second.",
                advice: "Give a number greater than 0.")
        }
        let rebalancing = try Rebalancing(
            from: PoolTopology(earlier, context), to: latestTopology(), connection: connection,
            deadline: deadline,
            pace: maximumRate.map { Throttle(rate: $0) }, isTrial: isTrial)
        try await rebalancing.discover()
        let scans = try rebalancing.nodes.map {
            try NodeScan($0, matching: glob, batchSize: 1000, deadline: deadline)
        }
        let outcomes = try await withThrowingTaskGroup(of: (Int, RebalanceReport.Outcome).self) { group in
            for (index, scan) in scans.enumerated() {
                group.addTask { (index, try await rebalancing.run(scan, progress)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        return RebalanceReport(nodes: outcomes.sorted { $0.0 < $1.0 }.map(\.1))
    }
}

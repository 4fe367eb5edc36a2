import CachesTransport

extension CachePool {
    /// Moves keys that are still on the servers of an earlier configuration to their current owners.
    ///
    /// ```swift
    /// let report = try await pool.rebalance(from: PoolConfiguration(dsns: old), maximumRate: 5000)
    /// ```
    ///
    /// Use it for keys that a hand-over has left behind, since no call asked for them, or for all keys if the
    /// programs were restarted with another configuration. Each server of the earlier configuration is read
    /// page by page; keys with a new owner are moved there with their remaining ttl, and removed. It can be
    /// stopped at any time and run again: moved keys stay moved.
    ///
    /// **A value that the new server already has stays**, and the old one is removed.
    ///
    /// It is safe beside programs that are handing over or closing, which is the best time for it; but not
    /// before all of them know the new configuration. Programs that were restarted instead don't announce
    /// their removals: a key that one of them has removed before it was moved is there again afterwards.
    ///
    /// A key does not tell by which ``ConnectionName`` it was placed. So if the pool has groups, or caches on
    /// single servers, run it once for each, with a glob for its keys.
    ///
    /// - Parameters:
    ///   - earlier: The earlier configuration.
    ///   - glob: The keys to move. Default: every key.
    ///   - connection: The nodes that the keys are placed among, in both configurations. Default: all.
    ///   - maximumRate: The most keys moved per second, on all servers together. nil: no limit.
    ///   - isTrial: Whether it only counts what it would move.
    ///   - deadline: How long each round trip may take. Default 10 s.
    ///   - progress: Called for a node after each of its pages, from the node's own task.
    /// - Returns: How many keys were moved, and which nodes failed: a node that fails does not stop the
    ///   others.
    /// - Throws: ``CachesError``, and then nothing was moved: of code ``CachesError/Code/configuration`` for
    ///   a wrong configuration or an unknown connection, of code ``CachesError/Code/invalidArgument`` for a
    ///   malformed glob or a rate that is not positive. `CancellationError` if the task is cancelled.
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

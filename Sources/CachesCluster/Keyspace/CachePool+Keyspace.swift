import CachesTransport

extension CachePool {
    /// The keys that match a glob, read page by page from every node while they are iterated.
    ///
    /// See ``KeySequence`` for its guarantees, and for nodes that fail.
    ///
    /// - Parameters:
    ///   - glob: The keys to return. Default: every key.
    ///   - connection: The nodes to read. Default: all.
    ///   - batchSize: About how many keys a node looks at in a round trip, 1 to 100 000. Default 1000, which
    ///     holds a server up for well under a millisecond.
    ///   - deadline: How long each round trip may take. nil: the default of the node or the pool.
    public func keys(
        matching glob: Glob = .everything, connection: ConnectionName = .sharded, batchSize: Int = 1000,
        deadline: Duration? = nil
    ) -> KeySequence {
        KeySequence(
            glob: glob, batchSize: batchSize, deadline: deadline,
            find: { try await self.discoverNodes(connection: connection, deadline: deadline) })
    }

    /// Removes every key that matches a glob, on all nodes at once.
    ///
    /// ```swift
    /// let removed = try await CachePool.shared.clear(matching: "user.*").get()
    /// ```
    ///
    /// Each node is read page by page (`SCAN`), and the keys of a page are removed in the same round trip
    /// that reads the next (`UNLINK`, which frees large values in the background): in bounded memory, without
    /// blocking the servers, and safely while others write. Keys that are written meanwhile may be removed or
    /// not, and so may keys of a cluster's slots that move between its servers. A node that is down, or fails
    /// later, does not stop the others: its error is in the report. The same holds for a node whose cursors
    /// would never end.
    ///
    /// - Parameters:
    ///   - glob: The keys to remove. There is no default: pass ``Glob/everything`` explicitly.
    ///   - connection: The nodes to clear. Default: all.
    ///   - batchSize: About how many keys a node looks at in a round trip, 1 to 100 000. Default 1000.
    ///   - deadline: How long each round trip may take. nil: the default of the node or the pool.
    ///   - progress: Called for a node after each of its round trips, from the node's own task: in order for
    ///     one node, and concurrently for several.
    /// - Returns: How many keys were removed, and which nodes failed. `try report.get()` throws if one did.
    /// - Throws: ``CachesError``, and then nothing was removed: of code ``CachesError/Code/invalidArgument``
    ///   for a malformed glob or a batch size out of range, of code ``CachesError/Code/configuration`` for an
    ///   unknown connection. `CancellationError` if the task is cancelled.
    public func clear(
        matching glob: Glob, connection: ConnectionName = .sharded, batchSize: Int = 1000,
        deadline: Duration? = nil, progress: (@Sendable (ClearProgress) -> Void)? = nil
    ) async throws -> ClearReport {
        let (nodes, failures) = try await discoverNodes(connection: connection, deadline: deadline)
        let claims = nodes.count > 1 ? ServerClaims() : nil
        let scans = try nodes.map {
            try NodeScan($0, matching: glob, batchSize: batchSize, deadline: deadline, claims: claims)
        }
        let outcomes = try await withThrowingTaskGroup(of: (Int, ClearReport.Outcome).self) { group in
            for (index, scan) in scans.enumerated() {
                group.addTask { (index, try await scan.clear(in: self, connection: connection, progress)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let unknown = failures.map { ClearReport.Outcome(node: $0.node ?? "", removed: 0, error: $0) }
        return ClearReport(nodes: outcomes.sorted { $0.0 < $1.0 }.map(\.1) + unknown)
    }

    /// Everything that the servers tell about a key: its node and the next ones in line, the type of its
    /// value, its remaining time, its size and its last use.
    ///
    /// ```swift
    /// print(try await CachePool.shared.explain("user.42"))
    /// ```
    ///
    /// It is one round trip, and does not count as a use of the key. Facts that the user may not ask for (an
    /// ACL often forbids `MEMORY` and `OBJECT`) are nil.
    ///
    /// - Parameters:
    ///   - key: The whole key.
    ///   - connection: The nodes that the key is placed among. Default: all.
    ///   - deadline: How long it may take. nil: the default of the node or the pool.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public func explain(
        _ key: String, connection: ConnectionName = .sharded, deadline: Duration? = nil
    ) async throws -> KeyExplanation {
        guard !key.isEmpty else {
            throw CachesError(.invalidArgument, "The key is empty.", advice: "Give the key in full.")
        }
        let node = try node(for: key, connection: connection)
        try await node.cluster?.discover(deadline: node.deadline(deadline))
        return try await KeyExplanation(
            asking: failoverOrder(of: key, connection: connection), about: key, deadline: deadline)
    }
}

extension NodeScan {
    /// Removes all keys of the scan.
    fileprivate func clear(
        in pool: CachePool, connection: ConnectionName, _ progress: (@Sendable (ClearProgress) -> Void)?
    ) async throws -> ClearReport.Outcome {
        var scan = self
        var removed = 0
        var page: [Bytes] = []
        do {
            repeat {
                let moving = try pool.takeMoving(from: &page, connection: connection)
                let trip = try await scan.next(removing: page)
                removed += trip.removed
                removed += try await scan.remove(moving)
                page = trip.page
                progress?(
                    ClearProgress(
                        node: scan.node.name, removed: removed, visited: scan.visited, total: scan.size))
            } while !page.isEmpty || !scan.isFinished
            return ClearReport.Outcome(node: scan.node.name, removed: removed, error: nil)
        } catch let error as CachesError {
            return ClearReport.Outcome(
                node: scan.node.name, removed: removed, error: error.at(scan.node.name))
        }
    }
}

extension CachePool {
    /// Takes the keys that are moving to another node out of a page.
    fileprivate func takeMoving(
        from page: inout [Bytes], connection: ConnectionName
    ) throws(CachesError) -> [RoutedCommand] {
        guard handOver != nil else { return [] }
        var moving: [RoutedCommand] = []
        var others: [Bytes] = []
        for bytes in page {
            let key = String(decoding: bytes, as: UTF8.self)
            let route = try route(of: key, connection: connection)
            guard route.move != nil else {
                others.append(bytes)
                continue
            }
            moving.append(
                RoutedCommand(route, idempotent: true, bytes: bytes.count) { command in
                    command.begin(2)
                    command.argument("UNLINK")
                    command.argument(key)
                })
        }
        page = others
        return moving
    }
}

extension NodeScan {
    /// Removes keys that are moving between nodes.
    /// - Returns: How many there were.
    fileprivate func remove(_ moving: [RoutedCommand]) async throws -> Int {
        var removed = 0
        for result in await moving.carryOut(deadline: deadline) {
            let (reply, node) = try result.get()
            removed += try reply.unlessError(from: node).requireCount(atMost: 1, from: node)
        }
        return removed
    }
}

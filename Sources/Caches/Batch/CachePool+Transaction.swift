import CachesTransport

extension CachePool {
    /// Carries out operations of any classes on one node as one: no other client's operation comes in
    /// between.
    ///
    /// ```swift
    /// try await pool.transaction { t in
    ///     t.set(UserCache("{42}"), user)
    ///     t.add(MembersCache("{42}").inserting("al"))
    /// }
    /// ```
    ///
    /// It is `MULTI … EXEC` (https://redis.io/docs/latest/develop/using-commands/transactions/): all or
    /// nothing reaches the server, but a command that fails there, on a key of another type say, does not
    /// undo the others. Keys with the same hash tag (`{42}`) are on one node.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, whether it was carried out
    /// is not known.
    ///
    /// - Parameters:
    ///   - deadline: How long it may take. nil: as the node, or the pool, says.
    ///   - body: Adds the operations, and returns those whose results are wanted.
    /// - Returns: The results of the operations that `body` returned.
    /// - Throws: What `body` throws; ``CachesError/Code/invalidArgument`` if the keys are on different nodes,
    ///   or in different slots of a cluster, with the keys and the nodes, and the error of an operation that
    ///   can't be sent: then nothing is sent. Else the error of the first operation that failed.
    @discardableResult
    public func transaction<each Output: Sendable>(
        deadline: Duration? = nil,
        _ body: (inout Batch) throws -> (repeat BatchResult<each Output>)
    ) async throws -> (repeat each Output) {
        var batch = Batch(pool: self)
        let wanted = try body(&batch)
        let items = batch.items
        let (replies, node): ([Reply], Node)
        do {
            if let failure = batch.failures.first { throw failure.error }
            guard !items.isEmpty else { return (repeat try (each wanted).value) }
            (replies, node) = try await Flights.shared.voiding(items.compactMap(\.written)) {
                try await sendAsOne(items, deadline: deadline)
            }
        } catch {
            for item in items { item.fail(error) }
            throw error
        }
        try finish(items, replies, on: node)
        return (repeat try (each wanted).value)
    }

    /// - Returns: The replies, one an operation, and the node that gave them.
    private func sendAsOne(
        _ items: [BatchItem], deadline: Duration?
    ) async throws -> (replies: [Reply], node: Node) {
        var routes = items.map { $0.route }
        if routes.contains(where: { $0.node !== routes[0].node }) {
            // The owners of a cluster's slots may have become known while the operations were added.
            routes = try items.map { try route(of: $0.key, connection: $0.cache.connection) }
        }
        let node = routes[0].node
        guard routes.allSatisfy({ $0.node === node }) else {
            throw Self.spread(zip(items, routes).map { ($0.key, $1.node) })
        }
        if let other = items.first(where: { !node.takesTogether(items[0].key, $0.key) }) {
            throw CachesError(
                .invalidArgument,
                "The keys \(items[0].key.text) and \(other.key.text) of a transaction are in different slots of the cluster.",
                advice: Self.hashTagAdvice, node: node.name)
        }
        if node.isInDoubt, let doubt = items.lazy.compactMap(\.doubt).first { throw doubt }
        let deadline = node.deadline(deadline)
        let commands = zip(items, routes).map { $0.command(on: $1) }
        let moves = routes.compactMap(\.move)
        if moves.isEmpty {
            return (try await node.sendAsOne(commands, deadline: deadline), node)
        } else if let replies = try await node.sendAsOneUnlessMoved(
            commands, deadline: deadline)
        {
            return (replies, node)
        } else {
            let places = zip(items, routes).map { ($0.key, $1.move?.new ?? node) }
            let new = places[0].1
            guard places.allSatisfy({ $0.1 === new }) else { throw Self.spread(places) }
            return (try await new.sendAsOne(commands, deadline: deadline), new)
        }
    }

    /// Hands each operation its reply.
    private func finish(_ items: [BatchItem], _ replies: [Reply], on node: Node) throws {
        var failure: (any Error)?
        for (item, reply) in zip(items, replies) {
            let error = item.finish(reply, from: node)
            if failure == nil { failure = error }
        }
        if let failure { throw failure }
    }

    private static func spread(_ places: [(key: KeyBytes, node: Node)]) -> CachesError {
        var first: [(node: String, key: String)] = []
        for (key, node) in places where !first.contains(where: { $0.node == node.name }) {
            first.append((node.name, key.text))
        }
        let list = first.map { "\($0.key) on \($0.node)" }.joined(separator: ", ")
        return CachesError(
            .invalidArgument, "The keys of a transaction are on different nodes: \(list).",
            advice: hashTagAdvice)
    }

    private static let hashTagAdvice =
        "Give the keys the same hash tag, such as user.{42} and friends.{42}, or use a batch."
}

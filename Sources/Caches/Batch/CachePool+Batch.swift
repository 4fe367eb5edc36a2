import CachesCluster

extension CachePool {
    /// Sends many operations of any classes, all nodes' at once, and each node's without waiting for each
    /// reply.
    ///
    /// ```swift
    /// let (user, hits) = try await CachePool.shared.batch { b in
    ///     (b.get(UserCache("1")), b.increment(Cache<Int>("home", prefix: "hits")))
    /// }
    /// ```
    ///
    /// A node carries out its operations in the order given; between nodes there is no order, and other
    /// clients' operations may come in between everywhere (``transaction(deadline:_:)`` keeps them out). Many
    /// operations, or large ones, are sent in pieces, so that other calls get their turn: of some hundred
    /// operations, or 128 KiB. If a connection is lost, a piece is sent again only if all of its operations
    /// can be repeated without harm; if that fails, later commands on the same node are not sent.
    ///
    /// - Parameters:
    ///   - deadline: How long it may take in all. nil: as each node, or the pool, says.
    ///   - body: Adds the operations, and returns those whose results are wanted.
    /// - Returns: The outputs of the operations that `body` returned.
    /// - Throws: What `body` throws, and then nothing is sent; else the error of the first operation that
    ///   failed, after all others have been carried out. ``batchResults(deadline:_:)`` gives each operation's
    ///   own.
    @discardableResult
    public func batch<each Output: Sendable>(
        deadline: Duration? = nil,
        _ body: (inout Batch) throws -> (repeat BatchResult<each Output>)
    ) async throws -> (repeat each Output) {
        var batch = Batch(pool: self)
        let wanted = try body(&batch)
        if let error = try await send(&batch, deadline: deadline) { throw error }
        return (repeat try (each wanted).value)
    }

    /// As ``batch(deadline:_:)-``, of any number of operations of one kind:
    /// `try await pool.batch { b in ids.map { b.get(UserCache($0)) } }`.
    public func batch<Output: Sendable>(
        deadline: Duration? = nil, _ body: (inout Batch) throws -> [BatchResult<Output>]
    ) async throws -> [Output] {
        var batch = Batch(pool: self)
        let wanted = try body(&batch)
        if let error = try await send(&batch, deadline: deadline) { throw error }
        return try wanted.map { try $0.value }
    }

    /// As a batch, where an operation that fails is no failure of the others.
    ///
    /// ```swift
    /// let (user, hits) = try await pool.batchResults { b in (b.get(UserCache("1")), b.increment(counter)) }
    /// if case .failure(let error) = hits { print(error) }
    /// ```
    ///
    /// - Returns: The outcome of each operation that `body` returned: its output, or why it failed.
    /// - Throws: What `body` throws, and then nothing is sent; `CancellationError` if the task is cancelled.
    public func batchResults<each Output: Sendable>(
        deadline: Duration? = nil,
        _ body: (inout Batch) throws -> (repeat BatchResult<each Output>)
    ) async throws -> (repeat Result<each Output, any Error>) {
        var batch = Batch(pool: self)
        let wanted = try body(&batch)
        _ = try await send(&batch, deadline: deadline)
        return (repeat (each wanted).result)
    }

    /// As ``batchResults(deadline:_:)-``, of any number of operations of one kind.
    public func batchResults<Output: Sendable>(
        deadline: Duration? = nil, _ body: (inout Batch) throws -> [BatchResult<Output>]
    ) async throws -> [Result<Output, any Error>] {
        var batch = Batch(pool: self)
        let wanted = try body(&batch)
        _ = try await send(&batch, deadline: deadline)
        return wanted.map(\.result)
    }

    /// Sends the operations of a batch, and waits until each has ended.
    /// - Returns: The error of the first that failed.
    /// - Throws: `CancellationError`.
    private func send(_ batch: inout Batch, deadline: Duration?) async throws -> (any Error)? {
        let (items, failures) = (batch.items, batch.failures)
        return try await Flights.shared.voiding(items.compactMap(\.written)) {
            let portions = [Portion](of: Array(items.indices)) { items[$0].route.node }
            let answers = await portions.concurrently { portion in
                let deadline = portion.node.deadline(deadline)
                return await NodeBatch(node: portion.node, items: items, deadline: deadline).send(portion)
            }
            let all = answers.reduce(into: failures) { $0 += $1.output }
            return all.min(by: { $0.position < $1.position })?.error
        }
    }
}

/// The operations of a batch, as one node carries out its own.
private struct NodeBatch: Sendable {
    let node: Node

    /// Those of all nodes.
    let items: [BatchItem]
    let deadline: Deadline

    /// Sends operations and hands each its reply.
    /// - Returns: The failures, with their places.
    func send(_ portion: Portion) async -> [(position: Int, error: any Error)] {
        guard node.isInDoubt else { return await sendTogether(portion) }
        var failures: [(position: Int, error: any Error)] = []
        var others = Portion(of: node)
        // Operations on keys in doubt run one after the other: a read must find the writes before it.
        for position in portion.positions {
            if let doubt = items[position].doubt {
                if let error = await items[position].carryOutAgain(after: doubt) {
                    failures.append((items[position].position, error))
                }
            } else {
                others.append(position)
            }
        }
        guard !others.positions.isEmpty else { return failures }
        return failures + (await sendTogether(others))
    }

    private func sendTogether(_ portion: Portion) async -> [(position: Int, error: any Error)] {
        var outcome = BatchOutcome(node: node)
        if portion.positions.contains(where: { items[$0].route.move != nil }) {
            let some = portion.positions.map { items[$0] }
            let results = await node.carryOut(some.map { $0.command(on: $0.route) }, deadline: deadline)
            for (item, result) in zip(some, results) { outcome.finish(item, result) }
        } else if portion.fitsOnePiece(
            of: .commands, bytes: portion.positions.reduce(0) { $0 + items[$1].bytes })
        {
            do { outcome.finish(portion, of: items, try await replies(to: portion)) } catch {
                outcome.finish(portion, of: items, error)
            }
        } else {
            let pieces = await portion.inPieces(
                of: .commands, deadline: deadline, bytes: { items[$0].bytes }
            ) { piece in
                let replies = try await replies(to: piece)
                return (replies, replies.weight)
            }
            for (piece, result) in pieces {
                switch result {
                case .success(let replies): outcome.finish(piece, of: items, replies)
                case .failure(let error): outcome.finish(piece, of: items, error)
                }
            }
        }
        let others = await outcome.retries.concurrently { await $0.item.carryOutAgain(after: $0.error) }
        return outcome.failures
            + zip(outcome.retries, others).compactMap { entry, result in
                (try? result.get()).flatMap(\.self).map { (entry.item.position, $0) }
            }
    }

    private func replies(to portion: Portion) async throws -> [Reply] {
        let positions = portion.positions
        let isIdempotent = positions.allSatisfy { items[$0].isIdempotent }
        // An array of ones is not worth its allocation.
        let call =
            positions.allSatisfy { items[$0].count == 1 }
            ? Node.Call(positions.count, idempotent: isIdempotent, forKey: true, deadline: deadline)
            : Node.Call(
                groups: positions.map { items[$0].count }, idempotent: isIdempotent, forKey: true,
                deadline: deadline)
        return try await node.carryOutEach(call) { command in
            for position in positions { items[position].write(to: &command) }
        }.replies
    }
}

/// The outcome of a node's operations.
private struct BatchOutcome {
    let node: Node

    /// The errors of operations, with their places.
    private(set) var failures: [(position: Int, error: any Error)] = []

    /// The operations that another node may have to carry out, and why.
    private(set) var retries: [(item: BatchItem, error: CachesError)] = []

    init(node: Node) { self.node = node }

    mutating func finish(_ portion: Portion, of items: [BatchItem], _ replies: [Reply]) {
        for (position, reply) in zip(portion.positions, replies) {
            finish(items[position], reply, from: node)
        }
    }

    mutating func finish(_ portion: Portion, of items: [BatchItem], _ error: any Error) {
        for (place, position) in portion.positions.enumerated() {
            finish(items[position], error.result(at: place).map { ($0, node) })
        }
    }

    mutating func finish(_ item: BatchItem, _ result: RoutedReply) {
        switch result {
        case .success(let (reply, node)): finish(item, reply, from: node)
        case .failure(let error):
            if let error = error as? CachesError, error.leavesTime, item.mayBeStoodInFor,
                // It is unknown which commands were carried out over a connection that was lost.
                item.isIdempotent || error.wasNotSent || node.isOut
            {
                retries.append((item, error))
            } else if let error = item.finish(error) {
                failures.append((item.position, error))
            }
        }
    }

    private mutating func finish(_ item: BatchItem, _ reply: Reply, from node: Node) {
        if let error = item.finish(reply, from: node) { failures.append((item.position, error)) }
    }
}

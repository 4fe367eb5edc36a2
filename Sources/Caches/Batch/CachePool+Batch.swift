import CachesCluster

extension CachePool {
    /// Sends many operations of any classes, all nodes' at once, and each node's without waiting for each reply.
    ///
    /// ```swift
    /// let (user, hits) = try await CachePool.shared.batch { b in
    ///     (b.get(UserCache("1")), b.increment(Cache<Int>("home", prefix: "hits")))
    /// }
    /// ```
    ///
    /// A node carries out its operations in the order given; between nodes there is no order, and other clients'
    /// operations may come in between everywhere (``transaction(deadline:_:)`` keeps them out). Many operations, or
    /// large ones, are sent in pieces, so that other calls get their turn: of some hundred operations, or 128 KiB. If a
    /// connection is lost, a piece is sent again only if all of its operations can be repeated without harm; if that
    /// fails, what follows on the same node is not sent.
    ///
    /// - Parameters:
    ///   - deadline: How long it may take in all. nil: as each node, or the pool, says.
    ///   - body: Adds the operations, and returns those whose results are wanted.
    /// - Returns: The results of the operations that `body` returned.
    /// - Throws: What `body` throws, and then nothing is sent; else the error of the first operation that failed,
    ///   after all others have been carried out: each ``BatchResult`` has its own result.
    @discardableResult
    public func batch<each Output: Sendable>(
        deadline: Duration? = nil,
        _ body: (inout Batch) throws -> (repeat BatchResult<each Output>)
    ) async throws -> (repeat each Output) {
        var batch = Batch(pool: self)
        let wanted = try body(&batch)
        let (items, failures) = (batch.items, batch.failures)
        try await Flights.shared.voiding(items.compactMap(\.written)) {
            try await send(items, failures, deadline: deadline)
        }
        return (repeat try (each wanted).value)
    }

    private func send(
        _ items: [BatchItem], _ failures: [(position: Int, error: any Error)], deadline: Duration?
    ) async throws {
        let portions = [Portion](of: Array(items.indices)) { items[$0].route.node }
        let answers = await portions.concurrently { portion in
            await portion.node.send(portion, of: items, deadline: portion.node.deadline(deadline))
        }
        let all = answers.reduce(into: failures) { $0 += $1.output }
        if let first = all.min(by: { $0.position < $1.position }) { throw first.error }
    }
}

extension Node {
    /// Sends operations and hands each its reply.
    /// - Returns: What failed, with its place.
    fileprivate func send(
        _ portion: Portion, of items: [BatchItem], deadline: Deadline
    ) async -> [(position: Int, error: any Error)] {
        guard isInDoubt else { return await sendTogether(portion, of: items, deadline: deadline) }
        var failures: [(position: Int, error: any Error)] = []
        var others = Portion(of: self)
        // Those on keys in doubt one after the other: a read is to find what was written before it.
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
        return failures + (await sendTogether(others, of: items, deadline: deadline))
    }

    private func sendTogether(
        _ portion: Portion, of items: [BatchItem], deadline: Deadline
    ) async -> [(position: Int, error: any Error)] {
        var outcome = BatchOutcome(node: self)
        if portion.positions.contains(where: { items[$0].route.move != nil }) {
            let some = portion.positions.map { items[$0] }
            let results = await carryOut(some.map { $0.command(on: $0.route) }, deadline: deadline)
            for (item, result) in zip(some, results) { outcome.finish(item, result) }
        } else if portion.fitsOnePiece(
            of: .commands, bytes: portion.positions.reduce(0) { $0 + items[$1].bytes })
        {
            do {
                outcome.finish(
                    portion, of: items, try await send(portion.positions, of: items, deadline: deadline))
            } catch {
                outcome.finish(portion, of: items, error)
            }
        } else {
            let pieces = await portion.inPieces(
                of: .commands, deadline: deadline, bytes: { items[$0].bytes }
            ) { piece in
                let replies = try await self.send(piece.positions, of: items, deadline: deadline)
                return (replies, replies.weight)
            }
            for (piece, result) in pieces {
                switch result {
                case .success(let replies): outcome.finish(piece, of: items, replies)
                case .failure(let error): outcome.finish(piece, of: items, error)
                }
            }
        }
        let others = await outcome.again.concurrently { await $0.item.carryOutAgain(after: $0.error) }
        return outcome.failures
            + zip(outcome.again, others).compactMap { entry, result in
                (try? result.get()).flatMap(\.self).map { (entry.item.position, $0) }
            }
    }

    private func send(
        _ positions: [Int], of items: [BatchItem], deadline: Deadline
    ) async throws -> [Reply] {
        let call = Call(
            positions.count, idempotent: positions.allSatisfy { items[$0].isIdempotent }, forKey: true,
            deadline: deadline)
        return try await carryOut(call) { command in
            for position in positions { items[position].write(to: &command) }
        }.replies
    }
}

/// What came of a node's operations.
private struct BatchOutcome {
    let node: Node

    /// What failed, with its place.
    private(set) var failures: [(position: Int, error: any Error)] = []

    /// What another node may have to carry out, and why.
    private(set) var again: [(item: BatchItem, error: CachesError)] = []

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
                // Of a connection that was lost it is not known what it has carried out.
                item.isIdempotent || error.wasNotSent || node.isOut
            {
                again.append((item, error))
            } else if let error = item.finish(error) {
                failures.append((item.position, error))
            }
        }
    }

    private mutating func finish(_ item: BatchItem, _ reply: Reply, from node: Node) {
        if let error = item.finish(reply, from: node) { failures.append((item.position, error)) }
    }
}

extension CachePool {
    /// Sends many operations of any classes, each node's in one go and all nodes' at once.
    ///
    /// ```swift
    /// let (user, hits) = try await CachePool.shared.batch { b in
    ///     (b.get(UserCache("1")), b.increment(Cache<Int>("home", prefix: "hits")))
    /// }
    /// ```
    ///
    /// A node carries out its operations in the order given; between nodes there is no order, and other clients'
    /// operations may come in between everywhere (``transaction(deadline:_:)`` keeps them out). If a connection
    /// is lost, a node's operations are sent again only if all of them can be repeated without harm.
    ///
    /// - Parameters:
    ///   - deadline: How long it may take in all. nil: as each node, or the pool, says.
    ///   - body: Adds the operations, and returns those whose results are wanted.
    /// - Returns: The results of the operations that `body` returned.
    /// - Throws: What `body` throws, and then nothing is sent; else the error of the first operation that failed,
    ///   after all others have been carried out: each ``Batched`` has its own result.
    @discardableResult
    public func batch<each Output: Sendable>(
        deadline: Duration? = nil,
        _ body: (inout Batch) throws -> (repeat Batched<each Output>)
    ) async throws -> (repeat each Output) {
        var batch = Batch(pool: self)
        let wanted = try body(&batch)
        try await send(batch.items, batch.failures, deadline: deadline)
        return (repeat try (each wanted).value)
    }

    private func send(
        _ items: [BatchItem], _ failures: [(position: Int, error: any Error)], deadline: Duration?
    ) async throws {
        let shares = [NodeShare](of: Array(items.indices)) { items[$0].route.node }
        let answers = await shares.concurrently { share in
            let deadline = share.node.deadline(deadline)
            var failures: [(position: Int, error: any Error)] = []
            for some in share.portions {
                failures += await share.node.send(some.map { items[$0] }, deadline: deadline)
            }
            return failures
        }
        let all = answers.reduce(into: failures) { $0 += $1.output }
        if let first = all.min(by: { $0.position < $1.position }) { throw first.error }
    }
}

extension Node {
    /// Sends operations and hands each its reply.
    /// - Returns: What failed, with its place.
    fileprivate func send(
        _ items: [BatchItem], deadline: Deadline
    ) async -> [(position: Int, error: any Error)] {
        var failures: [(position: Int, error: any Error)] = []
        var again: [(item: BatchItem, error: CachesError)] = []
        func finish(_ item: BatchItem, _ result: RoutedReply) {
            switch result {
            case .success(let (reply, node)):
                if let error = item.finish(reply, from: node) { failures.append((item.position, error)) }
            case .failure(let error):
                if let error = error as? CachesError, error.leavesTime, item.mayBeStoodInFor,
                    // Of a connection that was lost it is not known what it has carried out.
                    item.isIdempotent || error.wasNotSent || isOut
                {
                    again.append((item, error))
                } else if let error = item.finish(error) {
                    failures.append((item.position, error))
                }
            }
        }
        if items.contains(where: { $0.route.move != nil }) {
            let results = await carryOut(items.map { $0.command(on: $0.route) }, deadline: deadline)
            for (item, result) in zip(items, results) { finish(item, result) }
        } else {
            do {
                let replies = try await pipelineEach(
                    items.count, idempotent: items.allSatisfy(\.isIdempotent), deadline: deadline
                ) { command in
                    for item in items { item.write(to: &command) }
                }
                for (item, reply) in zip(items, replies) {
                    if let error = item.finish(reply, from: self) { failures.append((item.position, error)) }
                }
            } catch {
                for (place, item) in items.enumerated() {
                    finish(item, error.result(at: place).map { ($0, self) })
                }
            }
        }
        let others = await again.concurrently { await $0.item.carryOutAgain(after: $0.error) }
        return failures
            + zip(again, others).compactMap { entry, result in
                (try? result.get()).flatMap(\.self).map { (entry.item.position, $0) }
            }
    }
}

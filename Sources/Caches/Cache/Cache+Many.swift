extension Cache {
    /// The values of many keys, in the order asked; nil where there is none.
    ///
    /// ```swift
    /// let users = try await UserCache.getMany([1, 2, 3])
    /// ```
    ///
    /// Each node that owns some of the keys gets one `MGET`, all at once (a server of a cluster a `GET` a key, in one go). A value that can't be decoded is a
    /// counted miss, as with ``get()``; a key that holds something else than a single value is a miss.
    ///
    /// - Parameters:
    ///   - keys: For each key the one part after the prefix.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Throws: ``CachesError`` if a node failed or a key is not valid: the first one's in the order asked.
    ///   ``getEach(_:on:)`` returns what the other nodes have. `CancellationError` if the task is cancelled.
    // Inlinable as far as keys are made: a sequence that is not specialised costs four thousand instructions a key.
    @inlinable
    public static func getMany(
        _ keys: some Sequence<some KeyPart>, on pool: CachePool? = nil
    ) async throws -> [Value?] {
        try await values(of: keys.map { key($0) }, pool)
    }

    /// The values of many keys of several parts: `UserCache.getMany([("org", 1), ("org", 2)])`.
    ///
    /// See ``getMany(_:on:)`` for the rest.
    @inlinable
    public static func getMany<First: KeyPart, Second: KeyPart, each Other: KeyPart>(
        _ keys: some Sequence<(First, Second, repeat each Other)>, on pool: CachePool? = nil
    ) async throws -> [Value?] {
        try await values(
            of: keys.map { (first: First, second: Second, other: repeat each Other) in
                key(first, second, repeat each other)
            }, pool)
    }

    /// The values of many keys, in the order asked, each a result of its own: a node that fails, fails its own
    /// keys alone.
    ///
    /// - Parameters:
    ///   - keys: For each key the one part after the prefix.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Returns: For each key its value, nil if there is none, or the ``CachesError`` of the node that owns it
    ///   (in a task that was cancelled, a `CancellationError`).
    @inlinable
    public static func getEach(
        _ keys: some Sequence<some KeyPart>, on pool: CachePool? = nil
    ) async -> [Result<Value?, any Error>] {
        await results(of: keys.map { key($0) }, pool)
    }

    /// The values of many keys of several parts, each a result of its own.
    ///
    /// See ``getEach(_:on:)`` for the rest.
    @inlinable
    public static func getEach<First: KeyPart, Second: KeyPart, each Other: KeyPart>(
        _ keys: some Sequence<(First, Second, repeat each Other)>, on pool: CachePool? = nil
    ) async -> [Result<Value?, any Error>] {
        await results(
            of: keys.map { (first: First, second: Second, other: repeat each Other) in
                key(first, second, repeat each other)
            }, pool)
    }

    @usableFromInline
    static func values(of keys: [CacheKey], _ pool: CachePool?) async throws -> [Value?] {
        let (values, failures) = await read(keys, pool)
        if let first = failures.min(by: { $0.position < $1.position }) { throw first.error }
        return values
    }

    @usableFromInline
    static func results(of keys: [CacheKey], _ pool: CachePool?) async -> [Result<Value?, any Error>] {
        let (values, failures) = await read(keys, pool)
        var results = values.map { Result<Value?, any Error>.success($0) }
        for (position, error) in failures { results[position] = .failure(error) }
        return results
    }

    /// The values in the order of the keys, and what went wrong with which, in any order.
    private static func read(
        _ keys: [CacheKey], _ pool: CachePool?
    ) async -> (values: [Value?], failures: [(position: Int, error: any Error)]) {
        var shards = Shards(pool: pool ?? CachePool.current ?? CachePool.shared, connection: connection)
        for key in keys { shards.add(key) }
        let coder = coder
        var values = [Value?](repeating: nil, count: keys.count)
        var failures: [(position: Int, error: any Error)] = shards.refusals.map { ($0.position, $0.error) }
        // Inlined, or it would look up its types at run time for each key.
        @inline(__always)
        func take(_ reply: Reply, at position: Int) {
            guard case .string(let bytes) = reply else { return }
            do {
                values[position] = normalize(try coder.decode(Value.self, from: bytes))
            } catch {
                CacheCounters.countUndecodable()
            }
        }
        var again: [Int] = []
        let policy = outagePolicy(on: shards.pool)
        func take(_ error: any Error, at position: Int) {
            guard let error = error as? CachesError, error.meansOutage else {
                return failures.append((position, error))
            }
            if policy == .miss {
                CacheCounters.countMissed()
            } else if policy.gutterTTL != nil, error.leavesTime {
                again.append(position)
            } else {
                failures.append((position, error))
            }
        }
        let answers = await shards.send("MGET", deadline: deadline) { reply, shard in
            try reply.requireArray(of: shard.keys.count, from: shard.node)
        }
        for (shard, replies) in answers {
            switch replies {
            case .success(let replies):
                for (position, reply) in zip(shard.positions, replies) { take(reply, at: position) }
            case .failure(let error):
                for position in shard.positions { take(error, at: position) }
            }
        }
        for (position, result) in await shards.sendSingles("GET", deadline: deadline) {
            switch result {
            // To GET, as against MGET, something else than a single value is an error.
            case .success((.error(let error), _)) where error.name == "WRONGTYPE": break
            case .success((.error(let error), let node)): take(error.error(node: node.name), at: position)
            case .success((let reply, _)): take(reply, at: position)
            case .failure(let error): take(error, at: position)
            }
        }
        guard !again.isEmpty else { return (values, failures) }
        // Keys whose node is out: each may have another that stands in.
        let others = await again.concurrently { try await Self(key: keys[$0], on: pool).get() }
        for (position, result) in zip(again, others) {
            do { values[position] = try result.get() } catch { failures.append((position, error)) }
        }
        return (values, failures)
    }
}

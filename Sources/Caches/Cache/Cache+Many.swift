extension Cache {
    /// The values of many keys, in the order asked; nil where there is none.
    ///
    /// ```swift
    /// let users = try await UserCache.getMany([1, 2, 3])
    /// ```
    ///
    /// Each node that owns some of the keys gets one `MGET`, all at once. A value that can't be decoded is a
    /// counted miss, as with ``get()``; a key that holds something else than a single value is a miss.
    ///
    /// - Parameters:
    ///   - keys: For each key the one part after the prefix.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Throws: ``CachesError`` if a node failed or a key is not valid: the first one's in the order asked.
    ///   ``getEach(_:on:)`` returns what the other nodes have. `CancellationError` if the task is cancelled.
    public static func getMany(
        _ keys: some Sequence<some KeyPart>, on pool: CachePool? = nil
    ) async throws -> [Value?] {
        try await getEach(keys, on: pool).map { try $0.get() }
    }

    /// The values of many keys of several parts: `UserCache.getMany([("org", 1), ("org", 2)])`.
    ///
    /// See ``getMany(_:on:)`` for the rest.
    public static func getMany<First: KeyPart, Second: KeyPart, each Other: KeyPart>(
        _ keys: some Sequence<(First, Second, repeat each Other)>, on pool: CachePool? = nil
    ) async throws -> [Value?] {
        try await getEach(keys, on: pool).map { try $0.get() }
    }

    /// The values of many keys, in the order asked, each a result of its own: a node that fails, fails its own
    /// keys alone.
    ///
    /// - Parameters:
    ///   - keys: For each key the one part after the prefix.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Returns: For each key its value, nil if there is none, or the ``CachesError`` of the node that owns it
    ///   (in a task that was cancelled, a `CancellationError`).
    public static func getEach(
        _ keys: some Sequence<some KeyPart>, on pool: CachePool? = nil
    ) async -> [Result<Value?, any Error>] {
        await getEach(keys.lazy.map { key($0) }, pool)
    }

    /// The values of many keys of several parts, each a result of its own.
    ///
    /// See ``getEach(_:on:)`` for the rest.
    public static func getEach<First: KeyPart, Second: KeyPart, each Other: KeyPart>(
        _ keys: some Sequence<(First, Second, repeat each Other)>, on pool: CachePool? = nil
    ) async -> [Result<Value?, any Error>] {
        await getEach(
            keys.lazy.map { (first: First, second: Second, other: repeat each Other) in
                key(first, second, repeat each other)
            }, pool)
    }

    private static func getEach(
        _ keys: some Sequence<CacheKey>, _ pool: CachePool?
    ) async -> [Result<Value?, any Error>] {
        var shards = Shards(pool: pool ?? CachePool.current ?? CachePool.shared, connection: connection)
        for key in keys { shards.add(key) }
        let coder = coder
        var results: [Result<Value?, any Error>] = shards.refusals.map { refusal in
            if let refusal { .failure(refusal) } else { .success(nil) }
        }
        func take(_ reply: Reply, at position: Int) {
            guard case .string(let bytes) = reply else { return }
            do {
                results[position] = .success(normalize(try coder.decode(Value.self, from: bytes)))
            } catch {
                CacheCounters.countUndecodable()
            }
        }
        var again: [Int] = []
        let policy = outagePolicy(on: shards.pool)
        func take(_ error: any Error, at position: Int) {
            guard let error = error as? CachesError, error.meansOutage else {
                return results[position] = .failure(error)
            }
            if policy == .miss {
                CacheCounters.countMissed()
            } else if policy.gutterTTL != nil, error.leavesTime {
                again.append(position)
            } else {
                results[position] = .failure(error)
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
        for (position, result) in await shards.sendMoving("GET", deadline: deadline) {
            switch result {
            // To GET, as against MGET, something else than a single value is an error.
            case .success((.error(let error), _)) where error.name == "WRONGTYPE": break
            case .success((.error(let error), let node)): take(error.error(node: node.name), at: position)
            case .success((let reply, _)): take(reply, at: position)
            case .failure(let error): take(error, at: position)
            }
        }
        guard !again.isEmpty else { return results }
        // Keys whose node is out: each may have another that stands in.
        let all = Array(keys)
        let others = await again.concurrently { try await Self(key: all[$0], on: pool).get() }
        for (position, result) in zip(again, others) { results[position] = result }
        return results
    }
}

extension Cache {
    /// Stores many values, each with the ttl.
    ///
    /// ```swift
    /// try await UserCache.setMany([1: ada, 2: bob])
    /// ```
    ///
    /// All nodes get their shares at once, each in order. Each value is stored atomically with its ttl, and
    /// draws its own jitter; between values other clients' commands may come in. Many values, or large ones,
    /// are sent in pieces of some hundred or 128 KiB, so that other calls get their turn: if a node fails
    /// meanwhile, the earlier values are stored, and the later ones are not sent.
    ///
    /// - Parameters:
    ///   - values: The values by the one key part after the prefix.
    ///   - ttl: How long they are kept. nil: as the class says.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Throws: ``CachesError`` if a node failed, or a key or value is not valid, after all others have been
    ///   stored. `CancellationError` if the task is cancelled.
    @inlinable
    public static func setMany<Key: KeyPart & Hashable>(
        _ values: [Key: Value], ttl: TTL? = nil, on pool: CachePool? = nil
    ) async throws {
        try await setMany(values.lazy.map { ($0, $1) }, ttl: ttl, on: pool)
    }

    /// Stores many values, given as pairs of a key part and a value.
    ///
    /// See ``setMany(_:ttl:on:)-([Key:Value],_,_)`` for the rest. Of two pairs with the same key the later
    /// wins.
    // Inlinable as far as values become bytes, as with `getMany`.
    @inlinable
    public static func setMany<Key: KeyPart>(
        _ values: some Sequence<(Key, Value)>, ttl: TTL? = nil, on pool: CachePool? = nil
    ) async throws {
        let start = keyStart
        var writes = BulkWrite()
        for (part, value) in values {
            let key = start.key(endingWith: normalize(part: part.keyPart))
            do throws(CachesError) {
                try writes.append(
                    payload(of: value, for: key), at: key, milliseconds: milliseconds(ttl))
            } catch {
                writes.refuse(error)
            }
        }
        try await carryOut(writes, pool)
    }

    @usableFromInline
    static func payload(of value: Value, for key: CacheKey) throws(CachesError) -> Payload {
        try encode(normalize(value), for: key, by: coder)
    }

    @usableFromInline
    static func carryOut(_ writes: BulkWrite, _ pool: CachePool?) async throws {
        let pool = pool ?? CachePool.current ?? CachePool.shared
        try await Flights.shared.voiding(writes.keys.map { Flights.Place($0.bytes, on: pool) }) {
            try await store(writes, pool)
        }
    }

    private static func store(_ writes: BulkWrite, _ pool: CachePool) async throws {
        if reads == .preferReplica { noteWrite() }
        let policy = outagePolicy(on: pool)
        var failures = BulkFailures(policy: policy)
        for (position, error) in await writes.carryOut(
            on: pool, connection, deadline: deadline, policy: policy)
        {
            failures.note(error, at: position)
        }
        // One by one they are dropped, noted or handled by another node, as the policy says.
        let others = await writes.last(of: failures.retries).concurrently { position in
            try await Self(key: writes.keys[position], on: pool).run(writes.command(at: position))
        }
        if let error = writes.refusal ?? failures.first { throw error }
        for result in others { try result.get() }
    }

    /// Removes many keys.
    ///
    /// Each node that owns some of them gets an `UNLINK`, all at once; of many keys several, of at most 512
    /// keys.
    ///
    /// - Parameters:
    ///   - keys: For each key the one part after the prefix.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Returns: How many of the keys there were.
    /// - Throws: ``CachesError`` if a node failed or a key is not valid, after the keys of all others have
    ///   been removed. `CancellationError` if the task is cancelled.
    @discardableResult
    public static func clearMany(
        _ keys: some Sequence<some KeyPart>, on pool: CachePool? = nil
    ) async throws -> Int {
        let pool = pool ?? CachePool.current ?? CachePool.shared
        let keys = self.keys(of: keys)
        return try await Flights.shared.voiding(keys.map { Flights.Place($0.bytes, on: pool) }) {
            try await clear(keys, pool)
        }
    }

    private static func clear(_ keys: [CacheKey], _ pool: CachePool) async throws -> Int {
        if reads == .preferReplica { noteWrite() }
        let portions = Portions(keys, on: pool, connection, policy: outagePolicy(on: pool))
        let answers = await portions.send("UNLINK", deadline: deadline) { reply, portion in
            try reply.requireCount(atMost: portion.positions.count, from: portion.node)
        }
        var single = await portions.sendSingles("UNLINK", deadline: deadline)
        for (portion, result) in await portions.sendToClusters("UNLINK", deadline: deadline) {
            for (place, position) in portion.positions.enumerated() {
                single.append((position, result.result(at: place).map { ($0, portion.node) }))
            }
        }
        var failures = BulkFailures(policy: outagePolicy(on: pool))
        for (position, error) in portions.refusals { failures.note(error, at: position) }
        var removed = 0
        for (portion, result) in answers {
            switch result {
            case .success(let count): removed += count
            case .failure(let error): for position in portion.positions { failures.note(error, at: position) }
            }
        }
        for (position, result) in single {
            do {
                let (reply, node) = try result.get()
                removed += try reply.unlessError(from: node).requireCount(atMost: 1, from: node)
            } catch {
                failures.note(error, at: position)
            }
        }
        // One by one they are dropped, noted or handled by another node, as the policy says.
        let others = await failures.retries.map { portions.keys[$0] }.concurrently {
            try await Self(key: $0, on: pool).clear()
        }
        if let error = failures.first { throw error }
        for result in others where try result.get() { removed += 1 }
        return removed
    }
}

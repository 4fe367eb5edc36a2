extension Cache {
    /// The values of many keys, in the order asked; nil for missing ones.
    ///
    /// ```swift
    /// let users = try await UserCache.getMany([1, 2, 3])
    /// ```
    ///
    /// Each node that owns some of the keys gets an `MGET` (a server of a cluster a `GET` a key), all nodes
    /// at once. Of many keys, or of large values, each node gets several: of at most 512 keys, and so few
    /// that their replies weigh about 128 KiB, two at a time. So other calls get their turn in between, and
    /// values of different pieces may have been read at different times. A value that can't be decoded is a
    /// counted miss, as with ``get()``; a key that holds something else than a single value is a miss.
    ///
    /// - Parameters:
    ///   - keys: For each key the one part after the prefix.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Throws: ``CachesError`` if a node failed or a key is not valid: the first one's in the order asked.
    ///   ``getEach(_:on:)`` returns the values of the other nodes. `CancellationError` if the task is
    ///   cancelled.
    // Inlinable as far as keys are made: a sequence that is not specialised costs four thousand instructions
    // a key.
    @inlinable
    public static func getMany(
        _ keys: some Sequence<some KeyPart>, on pool: CachePool? = nil
    ) async throws -> [Value?] {
        try await values(of: self.keys(of: keys), pool)
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

    /// The values of many keys, in the order asked, each a result of its own: a node that fails, fails its
    /// own keys alone.
    ///
    /// - Parameters:
    ///   - keys: For each key the one part after the prefix.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    /// - Returns: For each key its value, nil if it is missing, or the ``CachesError`` of the node that owns
    ///   it (in a task that was cancelled, a `CancellationError`).
    @inlinable
    public static func getEach(
        _ keys: some Sequence<some KeyPart>, on pool: CachePool? = nil
    ) async -> [Result<Value?, any Error>] {
        await results(of: self.keys(of: keys), pool)
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

    /// The key of each part.
    @inlinable
    static func keys(of parts: some Sequence<some KeyPart>) -> [CacheKey] {
        let start = keyStart
        return parts.map { start.key(endingWith: normalize(part: $0.keyPart)) }
    }

    @inlinable
    static func values(of keys: [CacheKey], _ pool: CachePool?) async throws -> [Value?] {
        let (values, failures) = await read(keys, pool)
        if let first = failures.min(by: { $0.position < $1.position }) { throw first.error }
        return values
    }

    @inlinable
    static func results(of keys: [CacheKey], _ pool: CachePool?) async -> [Result<Value?, any Error>] {
        let (values, failures) = await read(keys, pool)
        var results = values.map { Result<Value?, any Error>.success($0) }
        for (position, error) in failures { results[position] = .failure(error) }
        return results
    }

    /// The values in the order of the keys, and the errors with their keys, in any order.
    @inlinable
    static func read(
        _ keys: [CacheKey], _ pool: CachePool?
    ) async -> (values: [Value?], failures: [(position: Int, error: any Error)]) {
        let pool = pool ?? CachePool.current ?? CachePool.shared
        let answers = await BulkRead(
            keys, on: pool, connection, deadline: deadline, outagePolicy: outagePolicy(on: pool))
        var values = [Value?](repeating: nil, count: keys.count)
        let coder = coder
        // The usual coder, which has no state, by its own type: it is then compiled for the type of the
        // values.
        if type(of: coder) == StandardCoder.self {
            await decode(answers, by: StandardCoder(), into: &values)
        } else {
            await decode(answers, by: coder, into: &values)
        }
        guard !answers.retries.isEmpty else { return (values, answers.failures) }
        let failures = await readAgain(answers, keys, pool, into: &values)
        return (values, failures)
    }

    @inlinable
    static func decode(
        _ answers: BulkRead, by coder: some CacheCoder, into values: inout [Value?]
    ) async {
        func take(_ bytes: Bytes, at position: Int) {
            do {
                values[position] = normalize(try coder.decode(Value.self, from: bytes))
            } catch {
                CacheCounters.countUndecodable()
            }
        }
        for (number, (positions, replies)) in answers.lists.enumerated() {
            // As a rule a piece each. A thread that decoded a hundred thousand values would do nothing else
            // for long.
            if number % 4 == 3 { await Task.yield() }
            var index = replies.startIndex
            for position in positions {
                if let bytes = replies.bytes(at: index) { take(bytes, at: position) }
                index = replies.index(after: index)
            }
        }
        for (number, (positions, replies)) in answers.pipelines.enumerated() {
            if number % 4 == 3 { await Task.yield() }
            for (position, reply) in zip(positions, replies) {
                if case .string(let bytes) = reply { take(bytes, at: position) }
            }
        }
        for (position, bytes) in answers.others { take(bytes, at: position) }
    }

    /// Reads the keys whose node is out: each may have another that stands in.
    /// - Returns: All failures.
    @usableFromInline
    static func readAgain(
        _ answers: BulkRead, _ keys: [CacheKey], _ pool: CachePool, into values: inout [Value?]
    ) async -> [(position: Int, error: any Error)] {
        var failures = answers.failures
        let others = await answers.retries.concurrently { try await Self(key: keys[$0], on: pool).get() }
        for (position, result) in zip(answers.retries, others) {
            do { values[position] = try result.get() } catch { failures.append((position, error)) }
        }
        return failures
    }
}

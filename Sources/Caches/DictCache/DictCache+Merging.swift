/// Many pairs at once, in one round trip and one atomic step.
///
/// A million pairs take a server seconds, in which it serves no one else: give such a dictionary a deadline
/// of its own, or write it in parts. Servers before Redis 7 take at most 524 000 pairs at once.
extension DictCache {
    /// Gives fields their values, as `merge(pairs, keeping: .new)` does.
    ///
    /// - Parameters:
    ///   - pairs: Fields and values. Of equal fields, the last counts.
    ///   - ttl: As of ``set(_:to:ttl:)``. Without any pair nothing is sent, and the ttl does not restart.
    /// - Returns: How many of the fields were not there. If the connection is lost before the reply comes,
    ///   the command is sent again, and fewer may be told than were new.
    /// - Throws: As ``get(_:)``.
    @discardableResult
    public final func update(
        with pairs: some Sequence<(Field, Value)>, ttl: TTL? = nil
    ) async throws -> Int {
        try await merge(pairs, keeping: .new, ttl: ttl)
    }

    /// Gives fields their values. See ``update(with:ttl:)``.
    @discardableResult
    public final func update(with dictionary: [Field: Value], ttl: TTL? = nil) async throws -> Int {
        try await merge(dictionary, keeping: .new, ttl: ttl)
    }

    /// Gives fields their values, those that have one as told.
    ///
    /// `Dictionary.merge` takes a closure that combines two values. No server can run it, and a value
    /// combined here could undo what another client writes meanwhile. So it is one of the two that is kept.
    ///
    /// ```swift
    /// try await settings.merge(defaults, keeping: .current)
    /// ```
    ///
    /// - Parameters:
    ///   - pairs: Fields and values. Of equal fields, the last counts; keeping the current, the first.
    ///   - kept: Which value a field has in the end that has one already.
    ///   - ttl: As of ``set(_:to:ttl:)``. Keeping the current, the ttl does not restart unless a field was
    ///     new.
    /// - Returns: As ``update(with:ttl:)``.
    /// - Throws: As ``get(_:)``.
    @discardableResult
    public final func merge(
        _ pairs: some Sequence<(Field, Value)>, keeping kept: MergePolicy, ttl: TTL? = nil
    ) async throws -> Int {
        try await run(merging(pairs, keeping: kept, ttl: ttl))
    }

    /// Gives fields their values, those that have one as told. See ``merge(_:keeping:ttl:)``.
    @discardableResult
    public final func merge(
        _ dictionary: [Field: Value], keeping kept: MergePolicy, ttl: TTL? = nil
    ) async throws -> Int {
        try await merge(dictionary.unlabelled, keeping: kept, ttl: ttl)
    }

    /// ``DictCache/merge(_:keeping:ttl:)`` as an operation.
    public final func merging(
        _ pairs: some Sequence<(Field, Value)>, keeping kept: MergePolicy, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        operation {
            switch kept {
            case .new: try updateCommand(pairs, ttl: ttl)
            case .current: try addAbsentCommand(pairs, milliseconds: milliseconds(ttl), idempotent: true)
            }
        }
    }

    /// ``DictCache/merge(_:keeping:ttl:)`` as an operation.
    public final func merging(
        _ dictionary: [Field: Value], keeping kept: MergePolicy, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        merging(dictionary.unlabelled, keeping: kept, ttl: ttl)
    }
}

extension Dictionary {
    /// The pairs, as other sequences have them.
    var unlabelled: some Sequence<(Key, Value)> { lazy.map { ($0.key, $0.value) } }
}

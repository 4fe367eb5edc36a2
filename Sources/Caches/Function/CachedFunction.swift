/// A function whose results are cached, made by ``Cache/cached(prefix:ttl:unless:on:_:)``.
///
/// ```swift
/// let sum = SumCache.cached { (x: Int, y: Int) async throws in x + y }
///
/// try await sum(3, 4)                // computed, and stored at SumCache.3.4
/// try await sum(3, 4)                // read
/// try await sum.clear(3, 4)          // forgotten
/// try await sum.cache(for: 3, 4).timeLeft()
/// ```
///
/// A call is a ``Cache/fetch(ttl:unless:_:)`` on the cache of its arguments, and everything that its
/// documentation says holds here: an error of the function is thrown and not stored; a cache that is out is
/// bypassed.
public struct CachedFunction<each Argument: Sendable, Value: Codable & Sendable>: Sendable {
    @usableFromInline let makeCache: @Sendable (repeat each Argument) -> Cache<Value>
    @usableFromInline let isUnwanted: @Sendable (Value) -> Bool
    @usableFromInline let function: @Sendable @concurrent (repeat each Argument) async throws -> Value

    /// The result for these arguments: from the cache, or else from the function.
    ///
    /// - Throws: The function's errors; otherwise as ``Cache/fetch(ttl:unless:_:)``.
    @inlinable
    public func callAsFunction(_ argument: repeat each Argument) async throws -> Value {
        try await cache(for: repeat each argument).fetch(unless: isUnwanted) {
            try await function(repeat each argument)
        }
    }

    /// The cache of the result for these arguments; of the class that the function was cached with.
    @inlinable
    public func cache(for argument: repeat each Argument) -> Cache<Value> {
        makeCache(repeat each argument)
    }

    /// Forgets the result for these arguments.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: As ``CacheEntry/clear()``.
    @discardableResult
    public func clear(_ argument: repeat each Argument) async throws -> Bool {
        try await cache(for: repeat each argument).clear()
    }
}

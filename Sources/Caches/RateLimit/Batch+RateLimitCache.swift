extension Batch {
    /// ``RateLimitCache/consume(_:)``.
    public mutating func consume(
        _ cache: RateLimitCache, _ cost: Int = 1
    ) -> BatchResult<RateLimitCache.Decision> {
        add(cache) { try cache.consuming(cost) }
    }

    /// ``RateLimitCache/peek(_:)``.
    public mutating func peek(
        _ cache: RateLimitCache, _ cost: Int = 1
    ) -> BatchResult<RateLimitCache.Decision> {
        add(cache) { try cache.peeking(cost) }
    }
}

extension Batch {
    /// ``SentinelCache/claim(ttl:)``.
    public mutating func claim(_ cache: SentinelCache, ttl: TTL? = nil) -> Batched<Bool> {
        add(cache) { try cache.claiming(ttl: ttl) }
    }

    /// ``SentinelCache/release()``.
    @discardableResult
    public mutating func release(_ cache: SentinelCache) -> Batched<Bool> { clear(cache) }

    /// ``SentinelCache/isSet``.
    public mutating func isSet(_ cache: SentinelCache) -> Batched<Bool> { exists(cache) }
}

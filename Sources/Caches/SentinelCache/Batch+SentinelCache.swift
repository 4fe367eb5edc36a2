extension Batch {
    /// ``SentinelCache/claim(ttl:)``, but for this: of a batch or a transaction that fails or is cancelled after it was
    /// sent, the gate that the claim may have shut is not opened again before its ttl has passed.
    public mutating func claim(_ cache: SentinelCache, ttl: TTL? = nil) -> BatchResult<Bool> {
        add(cache) { try cache.claiming(ttl: ttl) }
    }

    /// ``SentinelCache/release()``.
    @discardableResult
    public mutating func release(_ cache: SentinelCache) -> BatchResult<Bool> { clear(cache) }

    /// ``SentinelCache/isSet``.
    public mutating func isSet(_ cache: SentinelCache) -> BatchResult<Bool> { exists(cache) }
}

extension Batch {
    /// ``CacheEntry/clear()``.
    @discardableResult
    public mutating func clear(_ cache: CacheEntry) -> BatchResult<Bool> { add(cache.clearing()) }

    /// ``CacheEntry/exists()``.
    public mutating func exists(_ cache: CacheEntry) -> BatchResult<Bool> { add(cache.existing()) }

    /// ``CacheEntry/timeLeft()``.
    public mutating func timeLeft(_ cache: CacheEntry) -> BatchResult<TimeLeft> {
        add(cache.measuringTime())
    }

    /// ``CacheEntry/touch(ttl:)``.
    @discardableResult
    public mutating func touch(_ cache: CacheEntry, ttl: TTL? = nil) -> BatchResult<Bool> {
        add(cache.touching(ttl: ttl))
    }

    /// ``Cache/get()``.
    @inlinable
    public mutating func get<Value>(_ cache: Cache<Value>) -> BatchResult<Value?> {
        add(cache) { cache.getCommand() }
    }

    /// ``Cache/set(_:ttl:)``.
    @discardableResult
    public mutating func set<Value>(
        _ cache: Cache<Value>, _ value: Value, ttl: TTL? = nil
    ) -> BatchResult<Void> {
        add(cache) { try cache.setCommand(value, milliseconds: cache.milliseconds(ttl)) }
    }

    /// ``Cache/increment(by:ttl:)``.
    @discardableResult
    public mutating func increment<Value: FixedWidthInteger>(
        _ cache: Cache<Value>, by amount: Int = 1, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        add(cache.incrementing(by: amount, ttl: ttl))
    }

    /// ``Cache/decrement(by:ttl:)``.
    @discardableResult
    public mutating func decrement<Value: FixedWidthInteger>(
        _ cache: Cache<Value>, by amount: Int = 1, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        add(cache.decrementing(by: amount, ttl: ttl))
    }
}

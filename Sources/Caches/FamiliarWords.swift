/// Words that people try, because other caches and Redis' commands have them. The compiler answers each with
/// the word that is used here.
///
/// They are a protocol's, so that a class of your own may have a method of such a name.
public protocol FamiliarWords {}

extension CacheEntry: FamiliarWords {}

extension FamiliarWords {
    @available(*, unavailable, renamed: "clear()")
    public func delete() async throws {}

    @available(*, unavailable, renamed: "clear()")
    public func del() async throws {}

    @available(*, unavailable, renamed: "clear()")
    public func unlink() async throws {}

    @available(*, unavailable, renamed: "clear()")
    public func remove() async throws {}

    @available(*, unavailable, renamed: "clear()")
    public func removeAll() async throws {}

    @available(*, unavailable, renamed: "clear()")
    public func invalidate() async throws {}

    @available(*, unavailable, renamed: "clear()")
    public func evict() async throws {}

    @available(*, unavailable, renamed: "touch(ttl:)")
    public func expire(_ ttl: TTL) async throws {}

    @available(*, unavailable, message: "Use touch(ttl: .forever).")
    public func persist() async throws {}

    @available(*, unavailable, renamed: "timeLeft()")
    public func remainingTTL() async throws {}
}

/// The same for classes of one value.
public protocol FamiliarValueWords {}

extension Cache: FamiliarValueWords {}

extension FamiliarValueWords {
    @available(*, unavailable, renamed: "setIfAbsent(_:ttl:)")
    public func putIfAbsent(_ value: some Any, ttl: TTL? = nil) async throws {}

    @available(*, unavailable, renamed: "setIfAbsent(_:ttl:)")
    public func setnx(_ value: some Any, ttl: TTL? = nil) async throws {}

    @available(*, unavailable, renamed: "getAndClear()")
    public func getdel() async throws {}

    @available(*, unavailable, renamed: "set(_:ttl:)")
    public func put(_ value: some Any, ttl: TTL? = nil) async throws {}

    @available(*, unavailable, renamed: "set(_:ttl:)")
    public func store(_ value: some Any, ttl: TTL? = nil) async throws {}

    @available(*, unavailable, renamed: "fetch(ttl:unless:_:)")
    public func getOrSet<Value>(ttl: TTL? = nil, _ compute: () async throws -> Value) async throws -> Value {
        fatalError()
    }

    @available(*, unavailable, renamed: "fetch(ttl:unless:_:)")
    public func getOrCompute<Value>(ttl: TTL? = nil, _ compute: () async throws -> Value) async throws
        -> Value
    { fatalError() }

    @available(*, unavailable, renamed: "fetch(ttl:unless:_:)")
    public func remember<Value>(ttl: TTL? = nil, _ compute: () async throws -> Value) async throws -> Value {
        fatalError()
    }

    @available(*, unavailable, renamed: "increment(by:ttl:)")
    public func incr(by amount: Int = 1) async throws {}

    @available(*, unavailable, renamed: "decrement(by:ttl:)")
    public func decr(by amount: Int = 1) async throws {}

    @available(*, unavailable, renamed: "getMany(_:on:)")
    public static func mget(_ keys: some Sequence<some KeyPart>) async throws {}

    @available(*, unavailable, renamed: "setMany(_:ttl:on:)")
    public static func mset(_ values: [some KeyPart & Hashable: some Any]) async throws {}

    @available(*, unavailable, renamed: "clearMany(_:on:)")
    public static func deleteMany(_ keys: some Sequence<some KeyPart>) async throws {}

    @available(*, unavailable, renamed: "clearMany(_:on:)")
    public static func removeMany(_ keys: some Sequence<some KeyPart>) async throws {}

    @available(*, unavailable, renamed: "clearMany(_:on:)")
    public static func invalidateMany(_ keys: some Sequence<some KeyPart>) async throws {}
}

/// The same for dictionaries.
public protocol FamiliarFieldWords {}

extension DictCache: FamiliarFieldWords {}

extension FamiliarFieldWords {
    @available(*, unavailable, renamed: "set(_:to:ttl:)")
    public func put(_ field: some Any, _ value: some Any, ttl: TTL? = nil) async throws {}

    @available(*, unavailable, renamed: "remove(_:)")
    public func delete(_ field: some Any) async throws {}

    @available(*, unavailable, renamed: "contains(_:)")
    public func exists(_ field: some Any) async throws {}

    @available(*, unavailable, renamed: "increment(_:by:ttl:)")
    public func incr(_ field: some Any, by amount: Int = 1) async throws {}

    @available(*, unavailable, renamed: "copy()")
    public func getAll() async throws {}
}

/// The same for sets.
public protocol FamiliarElementWords {}

extension SetCache: FamiliarElementWords {}

extension FamiliarElementWords {
    @available(*, unavailable, renamed: "insert(_:ttl:)")
    public func add(_ element: some Any, ttl: TTL? = nil) async throws {}

    @available(*, unavailable, renamed: "remove(_:)")
    public func delete(_ element: some Any) async throws {}

    @available(*, unavailable, renamed: "contains(_:)")
    public func isMember(_ element: some Any) async throws {}

    @available(*, unavailable, renamed: "copy()")
    public func members() async throws {}
}

/// The same for sorted sets.
public protocol FamiliarRankWords {}

extension SortedSetCache: FamiliarRankWords {}

extension FamiliarRankWords {
    @available(*, unavailable, renamed: "add(_:score:_:ttl:)")
    public func insert(_ element: some Any, score: Double, ttl: TTL? = nil) async throws {}

    @available(*, unavailable, renamed: "remove(_:)")
    public func delete(_ element: some Any) async throws {}
}

extension CachePool {
    @available(*, unavailable, renamed: "clear(matching:connection:batchSize:deadline:progress:)")
    public func flush(matching glob: Glob) async throws {}

    @available(*, unavailable, message: "Use clear(matching: .everything).")
    public func flushAll() async throws {}

    @available(*, unavailable, renamed: "close(deadline:)")
    public func shutdown() async {}

    @available(*, unavailable, renamed: "close(deadline:)")
    public func disconnect() async {}

    @available(*, unavailable, renamed: "reconfigure(to:handOver:)")
    public func reload(_ configuration: PoolConfiguration) {}
}

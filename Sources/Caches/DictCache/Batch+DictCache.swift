extension Batch {
    /// ``DictCache/get(_:)``.
    public mutating func get<Field, Value>(
        _ cache: DictCache<Field, Value>, _ field: Field
    ) -> BatchResult<Value?> {
        add(cache) { try cache.getting(field) }
    }

    /// ``DictCache/getMany(_:)``.
    public mutating func getMany<Field, Value>(
        _ cache: DictCache<Field, Value>, _ fields: some Sequence<Field>
    ) -> BatchResult<[Value?]> {
        addUnlessEmpty(cache, empty: []) { try cache.gettingMany(fields) }
    }

    /// ``DictCache/contains(_:)``.
    public mutating func contains<Field, Value>(
        _ cache: DictCache<Field, Value>, _ field: Field
    ) -> BatchResult<Bool> {
        add(cache) { try cache.containing(field) }
    }

    /// ``DictCache/count``.
    public mutating func count<Field, Value>(_ cache: DictCache<Field, Value>) -> BatchResult<Int> {
        add(cache) { cache.counting() }
    }

    /// ``DictCache/random()``.
    public mutating func random<Field, Value>(
        _ cache: DictCache<Field, Value>
    ) -> BatchResult<(field: Field, value: Value)?> {
        add(cache) { cache.choosing() }
    }

    /// ``DictCache/copy()``.
    public mutating func copy<Field, Value>(_ cache: DictCache<Field, Value>) -> BatchResult<[Field: Value]> {
        add(cache) { cache.copying() }
    }

    /// ``DictCache/set(_:to:ttl:)``.
    @discardableResult
    public mutating func set<Field, Value>(
        _ cache: DictCache<Field, Value>, _ field: Field, to value: Value, ttl: TTL? = nil
    ) -> BatchResult<Bool> {
        add(cache) { try cache.updating(CollectionOfOne((field, value)), ttl: ttl).map { $0 > 0 } }
    }

    /// ``DictCache/setIfAbsent(_:to:ttl:)``.
    @discardableResult
    public mutating func setIfAbsent<Field, Value>(
        _ cache: DictCache<Field, Value>, _ field: Field, to value: Value, ttl: TTL? = nil
    ) -> BatchResult<Bool> {
        add(cache) { try cache.settingIfAbsent(field, to: value, ttl: ttl) }
    }

    /// ``DictCache/update(with:ttl:)``.
    @discardableResult
    public mutating func update<Field, Value>(
        _ cache: DictCache<Field, Value>, with pairs: some Sequence<(Field, Value)>, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        merge(cache, pairs, keeping: .new, ttl: ttl)
    }

    /// ``DictCache/update(with:ttl:)``.
    @discardableResult
    public mutating func update<Field, Value>(
        _ cache: DictCache<Field, Value>, with dictionary: [Field: Value], ttl: TTL? = nil
    ) -> BatchResult<Int> {
        merge(cache, dictionary, keeping: .new, ttl: ttl)
    }

    /// ``DictCache/merge(_:keeping:ttl:)``.
    @discardableResult
    public mutating func merge<Field, Value>(
        _ cache: DictCache<Field, Value>, _ pairs: some Sequence<(Field, Value)>, keeping kept: MergePolicy,
        ttl: TTL? = nil
    ) -> BatchResult<Int> {
        addUnlessEmpty(cache, empty: 0) { try cache.merging(pairs, keeping: kept, ttl: ttl) }
    }

    /// ``DictCache/merge(_:keeping:ttl:)``.
    @discardableResult
    public mutating func merge<Field, Value>(
        _ cache: DictCache<Field, Value>, _ dictionary: [Field: Value], keeping kept: MergePolicy,
        ttl: TTL? = nil
    ) -> BatchResult<Int> {
        merge(cache, dictionary.unlabelled, keeping: kept, ttl: ttl)
    }

    /// ``DictCache/increment(_:by:ttl:)``.
    @discardableResult
    public mutating func increment<Field, Value: FixedWidthInteger>(
        _ cache: DictCache<Field, Value>, _ field: Field, by amount: Int = 1, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        add(cache) { try cache.incrementing(field, by: amount, ttl: ttl) }
    }

    /// ``DictCache/decrement(_:by:ttl:)``.
    @discardableResult
    public mutating func decrement<Field, Value: FixedWidthInteger>(
        _ cache: DictCache<Field, Value>, _ field: Field, by amount: Int = 1, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        add(cache) { try cache.decrementing(field, by: amount, ttl: ttl) }
    }

    /// ``DictCache/increment(_:by:ttl:)``, of a floating-point number.
    @discardableResult
    public mutating func increment<Field, Value: BinaryFloatingPoint>(
        _ cache: DictCache<Field, Value>, _ field: Field, by amount: Double, ttl: TTL? = nil
    ) -> BatchResult<Double> {
        add(cache) { try cache.incrementing(field, by: amount, ttl: ttl) }
    }

    /// ``DictCache/remove(_:)``.
    @discardableResult
    public mutating func remove<Field, Value>(
        _ cache: DictCache<Field, Value>, _ field: Field
    ) -> BatchResult<Bool> {
        add(cache) { try cache.removing(CollectionOfOne(field)).map { $0 > 0 } }
    }

    /// ``DictCache/remove(contentsOf:)``.
    @discardableResult
    public mutating func remove<Field, Value>(
        _ cache: DictCache<Field, Value>, contentsOf fields: some Sequence<Field>
    ) -> BatchResult<Int> {
        addUnlessEmpty(cache, empty: 0) { try cache.removing(fields) }
    }

    /// ``DictCache/pop(_:)``.
    public mutating func pop<Field, Value>(
        _ cache: DictCache<Field, Value>, _ field: Field
    ) -> BatchResult<Value?> {
        add(cache) { try cache.popping(field) }
    }

    /// ``DictCache/popRandom()``.
    public mutating func popRandom<Field, Value>(
        _ cache: DictCache<Field, Value>
    ) -> BatchResult<(field: Field, value: Value)?> {
        add(cache) { cache.poppingRandom() }
    }
}

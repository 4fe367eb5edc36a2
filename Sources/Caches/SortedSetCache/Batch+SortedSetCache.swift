extension Batch {
    // MARK: Writing

    /// ``SortedSetCache/add(_:score:_:ttl:)``.
    @discardableResult
    public mutating func add<Element>(
        _ cache: SortedSetCache<Element>, _ element: Element, score: Double,
        _ condition: AddCondition = .always, ttl: TTL? = nil
    ) -> BatchResult<Bool> {
        add(cache) { try cache.adding(CollectionOfOne((score, element)), condition, ttl: ttl).map { $0 > 0 } }
    }

    /// ``SortedSetCache/add(contentsOf:_:ttl:)``.
    @discardableResult
    public mutating func add<Element>(
        _ cache: SortedSetCache<Element>, contentsOf items: [SortedSetCache<Element>.Item],
        _ condition: AddCondition = .always, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        addUnlessEmpty(cache, empty: 0) { try cache.adding(items, condition, ttl: ttl) }
    }

    /// ``SortedSetCache/add(contentsOf:_:ttl:)``.
    @discardableResult
    public mutating func add<Element>(
        _ cache: SortedSetCache<Element>, contentsOf scores: [Element: Double],
        _ condition: AddCondition = .always, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        add(cache, contentsOf: scores.map { ($0.value, $0.key) }, condition, ttl: ttl)
    }

    /// ``SortedSetCache/increment(_:by:ttl:)``.
    @discardableResult
    public mutating func increment<Element>(
        _ cache: SortedSetCache<Element>, _ element: Element, by amount: Double = 1, ttl: TTL? = nil
    ) -> BatchResult<Double> {
        add(cache) { try cache.incrementing(element, by: amount, ttl: ttl) }
    }

    /// ``SortedSetCache/decrement(_:by:ttl:)``.
    @discardableResult
    public mutating func decrement<Element>(
        _ cache: SortedSetCache<Element>, _ element: Element, by amount: Double = 1, ttl: TTL? = nil
    ) -> BatchResult<Double> {
        increment(cache, element, by: -amount, ttl: ttl)
    }

    /// ``SortedSetCache/remove(_:)``.
    @discardableResult
    public mutating func remove<Element>(
        _ cache: SortedSetCache<Element>, _ element: Element
    ) -> BatchResult<Bool> {
        add(cache) { try cache.removing(CollectionOfOne(element)).map { $0 > 0 } }
    }

    /// ``SortedSetCache/remove(contentsOf:)``.
    @discardableResult
    public mutating func remove<Element>(
        _ cache: SortedSetCache<Element>, contentsOf elements: some Sequence<Element>
    ) -> BatchResult<Int> {
        addUnlessEmpty(cache, empty: 0) { try cache.removing(elements) }
    }

    /// ``SortedSetCache/remove(ranks:from:)``.
    @discardableResult
    public mutating func remove<Element>(
        _ cache: SortedSetCache<Element>, ranks: some RangeExpression<Int>, from end: SortedSetEnd = .lowest
    ) -> BatchResult<Int> {
        add(cache) { try cache.removing(ranks: ranks, from: end) }
    }

    /// ``SortedSetCache/remove(in:)``.
    @discardableResult
    public mutating func remove<Element>(
        _ cache: SortedSetCache<Element>, in scores: some ScoreRangeExpression
    ) -> BatchResult<Int> {
        add(cache) { try cache.removing(in: scores) }
    }

    /// ``SortedSetCache/popMin()``.
    public mutating func popMin<Element>(
        _ cache: SortedSetCache<Element>
    ) -> BatchResult<SortedSetCache<Element>.Item?> {
        add(cache) { try cache.popping(1, from: .lowest).map(\.first) }
    }

    /// ``SortedSetCache/popMin(_:)``.
    public mutating func popMin<Element>(
        _ cache: SortedSetCache<Element>, _ count: Int
    ) -> BatchResult<[SortedSetCache<Element>.Item]> {
        add(cache) { try cache.popping(count, from: .lowest) }
    }

    /// ``SortedSetCache/popMax()``.
    public mutating func popMax<Element>(
        _ cache: SortedSetCache<Element>
    ) -> BatchResult<SortedSetCache<Element>.Item?> {
        add(cache) { try cache.popping(1, from: .highest).map(\.first) }
    }

    /// ``SortedSetCache/popMax(_:)``.
    public mutating func popMax<Element>(
        _ cache: SortedSetCache<Element>, _ count: Int
    ) -> BatchResult<[SortedSetCache<Element>.Item]> {
        add(cache) { try cache.popping(count, from: .highest) }
    }

    // MARK: Reading

    /// ``SortedSetCache/score(of:)``.
    public mutating func score<Element>(
        _ cache: SortedSetCache<Element>, of element: Element
    ) -> BatchResult<Double?> {
        add(cache) { try cache.scoring(element) }
    }

    /// ``SortedSetCache/scores(of:)``.
    public mutating func scores<Element>(
        _ cache: SortedSetCache<Element>, of elements: some Sequence<Element>
    ) -> BatchResult<[Double?]> {
        addUnlessEmpty(cache, empty: []) { try cache.scoringMany(elements) }
    }

    /// ``SortedSetCache/contains(_:)``.
    public mutating func contains<Element>(
        _ cache: SortedSetCache<Element>, _ element: Element
    ) -> BatchResult<Bool> {
        add(cache) { try cache.containing(element) }
    }

    /// ``SortedSetCache/rank(of:from:)``.
    public mutating func rank<Element>(
        _ cache: SortedSetCache<Element>, of element: Element, from end: SortedSetEnd = .lowest
    ) -> BatchResult<Int?> {
        add(cache) { try cache.ranking(element, from: end) }
    }

    /// ``SortedSetCache/count``.
    public mutating func count<Element>(_ cache: SortedSetCache<Element>) -> BatchResult<Int> {
        add(cache) { cache.counting() }
    }

    /// ``SortedSetCache/count(in:)``.
    public mutating func count<Element>(
        _ cache: SortedSetCache<Element>, in scores: some ScoreRangeExpression
    ) -> BatchResult<Int> {
        add(cache) { try cache.counting(in: scores) }
    }

    /// ``SortedSetCache/first``.
    public mutating func first<Element>(
        _ cache: SortedSetCache<Element>
    ) -> BatchResult<SortedSetCache<Element>.Item?> {
        add(cache) { cache.finding(.lowest) }
    }

    /// ``SortedSetCache/last``.
    public mutating func last<Element>(
        _ cache: SortedSetCache<Element>
    ) -> BatchResult<SortedSetCache<Element>.Item?> {
        add(cache) { cache.finding(.highest) }
    }

    /// ``SortedSetCache/random(_:)``.
    public mutating func random<Element>(
        _ cache: SortedSetCache<Element>, _ count: Int
    ) -> BatchResult<[SortedSetCache<Element>.Item]> {
        add(cache) { try cache.choosing(count) }
    }

    /// ``SortedSetCache/items(ranks:from:)``.
    public mutating func items<Element>(
        _ cache: SortedSetCache<Element>, ranks: some RangeExpression<Int>, from end: SortedSetEnd = .lowest
    ) -> BatchResult<[SortedSetCache<Element>.Item]> {
        add(cache) { try cache.listing(ranks: ranks, from: end) }
    }

    /// ``SortedSetCache/items(in:from:offset:limit:)``.
    public mutating func items<Element>(
        _ cache: SortedSetCache<Element>, in scores: some ScoreRangeExpression,
        from end: SortedSetEnd = .lowest, offset: Int = 0, limit: Int? = nil
    ) -> BatchResult<[SortedSetCache<Element>.Item]> {
        add(cache) { try cache.listing(in: scores, from: end, offset: offset, limit: limit) }
    }

    /// ``SortedSetCache/copy()``.
    public mutating func copy<Element>(
        _ cache: SortedSetCache<Element>
    ) -> BatchResult<[SortedSetCache<Element>.Item]> {
        add(cache) { cache.copying() }
    }
}

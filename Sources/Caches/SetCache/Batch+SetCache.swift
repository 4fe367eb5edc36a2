extension Batch {
    /// ``SetCache/insert(_:ttl:)``.
    @discardableResult
    public mutating func insert<Element>(
        _ cache: SetCache<Element>, _ element: Element, ttl: TTL? = nil
    ) -> BatchResult<Bool> {
        add(cache) { try cache.inserting(CollectionOfOne(element), ttl: ttl).map { $0 > 0 } }
    }

    /// ``SetCache/insert(contentsOf:ttl:)``.
    @discardableResult
    public mutating func insert<Element>(
        _ cache: SetCache<Element>, contentsOf elements: some Sequence<Element>, ttl: TTL? = nil
    ) -> BatchResult<Int> {
        addUnlessEmpty(cache, empty: 0) { try cache.inserting(elements, ttl: ttl) }
    }

    /// ``SetCache/remove(_:)``.
    @discardableResult
    public mutating func remove<Element>(_ cache: SetCache<Element>, _ element: Element) -> BatchResult<Bool>
    {
        add(cache) { try cache.removing(CollectionOfOne(element)).map { $0 > 0 } }
    }

    /// ``SetCache/pop()``.
    public mutating func pop<Element>(_ cache: SetCache<Element>) -> BatchResult<Element?> {
        add(cache) { cache.popping() }
    }

    /// ``SetCache/contains(_:)``.
    public mutating func contains<Element>(
        _ cache: SetCache<Element>, _ element: Element
    ) -> BatchResult<Bool> {
        add(cache) { try cache.containing(element) }
    }

    /// ``SetCache/count``.
    public mutating func count<Element>(_ cache: SetCache<Element>) -> BatchResult<Int> {
        add(cache) { cache.counting() }
    }

    /// ``SetCache/copy()``.
    public mutating func copy<Element>(_ cache: SetCache<Element>) -> BatchResult<Set<Element>> {
        add(cache) { cache.copying() }
    }
}

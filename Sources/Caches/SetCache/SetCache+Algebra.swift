// Two sets on one node are combined there: one command, at one moment, and only the result comes back. Sets
// on different nodes are combined here. Then the one side is read batch by batch and the other is asked for
// each batch, so that what has to be in memory is one batch and the result.

/// The algebra of sets, with another set on the servers.
///
/// None of these changes a set. Where both sets are on one node, the node does it, atomically. Across nodes
/// it is done here, correctly for sets that nobody changes meanwhile; what comes or goes during it may be
/// seen or not. A hash tag in the keys (`{42}`) keeps related sets on one node.
extension SetCache {
    /// The elements that are in either set.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func union(_ other: SetCache<Element>) async throws -> Set<Element> {
        if let key = try keyOnSameNode(other) { return Set(try await run(combining("SUNION", with: key))) }
        let (others, own) = try await together {
            try await other.copy()
        } and: {
            try await copy()
        }
        return own.union(others)
    }

    /// The elements that are in both sets.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func intersection(_ other: SetCache<Element>) async throws -> Set<Element> {
        if let key = try keyOnSameNode(other) { return Set(try await run(combining("SINTER", with: key))) }
        let (fewer, more) = try await bySize(other)
        return try await fewer.filtered { try await more.containsMany($0) }
    }

    /// The elements that are in this set and not in the other.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func subtracting(_ other: SetCache<Element>) async throws -> Set<Element> {
        if let key = try keyOnSameNode(other) { return Set(try await run(combining("SDIFF", with: key))) }
        return try await filtered { try await other.containsMany($0).map { !$0 } }
    }

    /// The elements that are in one of the two sets and not in both.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func symmetricDifference(_ other: SetCache<Element>) async throws -> Set<Element> {
        if let key = try keyOnSameNode(other) { return Set(try await run(differing(from: key))) }
        let (others, own) = try await together {
            try await other.copy()
        } and: {
            try await copy()
        }
        return own.symmetricDifference(others)
    }

    /// Whether every element of this set is in the other.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func isSubset(of other: SetCache<Element>) async throws -> Bool {
        if let key = try keyOnSameNode(other) { return try await run(yieldingNothing("SDIFF", with: key)) }
        return try await allSatisfy { try await other.containsMany($0).allSatisfy { $0 } }
    }

    /// Whether every element of the other set is in this one.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func isSuperset(of other: SetCache<Element>) async throws -> Bool {
        try await other.isSubset(of: self)
    }

    /// Whether no element is in both sets.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func isDisjoint(with other: SetCache<Element>) async throws -> Bool {
        if let key = try keyOnSameNode(other) { return try await run(yieldingNothing("SINTER", with: key)) }
        let (fewer, more) = try await bySize(other)
        return try await fewer.allSatisfy { try await !more.containsMany($0).contains(true) }
    }
}

/// The algebra of sets, with any sequence. None of these changes the set.
extension SetCache {
    /// The elements that are in the set or in the sequence.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func union(_ others: some Sequence<Element>) async throws -> Set<Element> {
        try await copy().union(others.map(Self.normalize))
    }

    /// The elements that are in the set and in the sequence: only they are asked for.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func intersection(_ others: some Sequence<Element>) async throws -> Set<Element> {
        let others = others.map(Self.normalize)
        let contained = try await containsMany(others)
        return Set(zip(others, contained).lazy.filter(\.1).map(\.0))
    }

    /// The elements that are in the set and not in the sequence.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func subtracting(_ others: some Sequence<Element>) async throws -> Set<Element> {
        try await copy().subtracting(others.map(Self.normalize))
    }

    /// The elements that are in the set or in the sequence, and not in both.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func symmetricDifference(_ others: some Sequence<Element>) async throws -> Set<Element> {
        try await copy().symmetricDifference(others.map(Self.normalize))
    }

    /// Whether every element of the set is in the sequence.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func isSubset(of others: some Sequence<Element>) async throws -> Bool {
        let others = Set(others.map(Self.normalize))
        return try await allSatisfy { $0.allSatisfy(others.contains) }
    }

    /// Whether every element of the sequence is in the set: only they are asked for.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func isSuperset(of others: some Sequence<Element>) async throws -> Bool {
        try await containsMany(others).allSatisfy { $0 }
    }

    /// Whether no element of the sequence is in the set: only they are asked for.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func isDisjoint(with others: some Sequence<Element>) async throws -> Bool {
        try await !containsMany(others).contains(true)
    }
}

extension SetCache {
    /// The other set's key if the node that owns both can combine them: it compares bytes, so that both must
    /// be written by the same coder.
    private func keyOnSameNode(_ other: SetCache<Element>) throws(CachesError) -> String? {
        let key = try other.key.checked()
        let (route, otherRoute) = (try call().route, try other.call().route)
        // Of a key that is being moved, only a command on that key alone knows where it is.
        guard route.node === otherRoute.node, route.node.takesTogether(route.key, key),
            route.move == nil, otherRoute.move == nil
        else { return nil }
        let alike = coder is StandardCoder && other.coder is StandardCoder
        return alike ? key.text : nil
    }

    /// The two sets, the one with fewer elements first.
    private func bySize(
        _ other: SetCache<Element>
    ) async throws -> (fewer: SetCache<Element>, more: SetCache<Element>) {
        let (others, own) = try await together {
            try await other.count
        } and: {
            try await count
        }
        return own <= others ? (self, other) : (other, self)
    }

    /// The elements of which `keep` says true, asked batch by batch.
    private func filtered(_ keep: ([Element]) async throws -> [Bool]) async throws -> Set<Element> {
        var kept: Set<Element> = []
        _ = try await allSatisfy { batch in
            kept.formUnion(zip(batch, try await keep(batch)).lazy.filter(\.1).map(\.0))
            return true
        }
        return kept
    }

    /// Whether `condition` holds for every batch; no more is read after one for which it doesn't.
    private func allSatisfy(_ condition: ([Element]) async throws -> Bool) async throws -> Bool {
        let size = 500
        var batch: [Element] = []
        for try await element in elements.batchSize(size) {
            batch.append(element)
            guard batch.count == size else { continue }
            guard try await condition(batch) else { return false }
            batch.removeAll(keepingCapacity: true)
        }
        return batch.isEmpty ? true : try await condition(batch)
    }

    private func combining(_ name: StaticString, with key: String) -> CacheCommand<[Element]> {
        CacheCommand(name, [.text(key)], idempotent: true, whenOut: .miss([])) {
            self.elements(of: try $0.requireArray(from: $1))
        }
    }

    private func differing(from key: String) -> CacheCommand<[Element]> {
        CacheCommand(
            script: Script.symmetricDifference, otherKeys: [key], idempotent: true, whenOut: .miss([])
        ) { self.elements(of: try $0.requireArray(from: $1)) }
    }

    private func yieldingNothing(_ name: Payload, with key: String) -> CacheCommand<Bool> {
        CacheCommand(
            script: Script.yieldsNothing, otherKeys: [key], [name], idempotent: true, whenOut: .miss(true)
        ) { try $0.requireInteger(from: $1) == 1 }
    }
}

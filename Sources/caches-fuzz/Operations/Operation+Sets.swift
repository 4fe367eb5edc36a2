import Caches

extension Operation {
    /// The operations of `SetCache`.
    static let sets: [Operation] = [
        Operation("SetCache.insert(_:ttl:)") { try await $0.set.insert($0.text, ttl: $0.ttl) },
        Operation("SetCache.insert(contentsOf:ttl:)") {
            try await $0.set.insert(contentsOf: $0.texts, ttl: $0.ttl)
        },
        Operation("SetCache.remove(_:)") { try await $0.set.remove($0.text) },
        Operation("SetCache.remove(contentsOf:)") { try await $0.set.remove(contentsOf: $0.texts) },
        Operation("SetCache.pop()") { _ = try await $0.set.pop() },
        Operation("SetCache.contains(_:)") { _ = try await $0.set.contains($0.text) },
        Operation("SetCache.containsMany(_:)") { _ = try await $0.set.containsMany($0.texts) },
        Operation("SetCache.random()") { _ = try await $0.set.random() },
        Operation("SetCache.random(_:)") { _ = try await $0.set.random($0.count) },
        Operation("SetCache.count") { _ = try await $0.set.count },
        Operation("SetCache.isEmpty") { _ = try await $0.set.isEmpty },
        Operation("SetCache.copy()") { _ = try await $0.set.copy() },
        Operation("SetCache.elements") { try await $0.read($0.set.elements.batchSize(1 + $0.below(50))) },
        Operation("SetCache.union(_:)") { _ = try await $0.set.union($0.set) },
        Operation("SetCache.intersection(_:)") { _ = try await $0.set.intersection($0.set) },
        Operation("SetCache.subtracting(_:)") { _ = try await $0.set.subtracting($0.set) },
        Operation("SetCache.symmetricDifference(_:)") { _ = try await $0.set.symmetricDifference($0.set) },
        Operation("SetCache.isSubset(of:)") { _ = try await $0.set.isSubset(of: $0.set) },
        Operation("SetCache.isSuperset(of:)") { _ = try await $0.set.isSuperset(of: $0.set) },
        Operation("SetCache.isDisjoint(with:)") { _ = try await $0.set.isDisjoint(with: $0.set) },
        Operation("SetCache.union(_:)") { _ = try await $0.set.union($0.texts) },
        Operation("SetCache.intersection(_:)") { _ = try await $0.set.intersection($0.texts) },
        Operation("SetCache.subtracting(_:)") { _ = try await $0.set.subtracting($0.texts) },
        Operation("SetCache.symmetricDifference(_:)") { _ = try await $0.set.symmetricDifference($0.texts) },
        Operation("SetCache.isSubset(of:)") { _ = try await $0.set.isSubset(of: $0.texts) },
        Operation("SetCache.isSuperset(of:)") { _ = try await $0.set.isSuperset(of: $0.texts) },
        Operation("SetCache.isDisjoint(with:)") { _ = try await $0.set.isDisjoint(with: $0.texts) },
    ]

    /// The operations of `SortedSetCache`.
    static let sortedSets: [Operation] = [
        Operation("SortedSetCache.add(_:score:_:ttl:)") {
            try await $0.sortedSet.add($0.text, score: $0.score, $0.condition, ttl: $0.ttl)
        },
        Operation("SortedSetCache.add(contentsOf:_:ttl:)") { subject in
            try await subject.sortedSet.add(contentsOf: subject.items, subject.condition, ttl: subject.ttl)
        },
        Operation("SortedSetCache.add(contentsOf:_:ttl:)") {
            try await $0.sortedSet.add(contentsOf: [$0.text: $0.score], $0.condition, ttl: $0.ttl)
        },
        Operation("SortedSetCache.increment(_:by:ttl:)") {
            try await $0.sortedSet.increment($0.text, by: $0.score, ttl: $0.ttl)
        },
        Operation("SortedSetCache.decrement(_:by:ttl:)") {
            try await $0.sortedSet.decrement($0.text, by: $0.score, ttl: $0.ttl)
        },
        Operation("SortedSetCache.remove(_:)") { try await $0.sortedSet.remove($0.text) },
        Operation("SortedSetCache.remove(contentsOf:)") {
            try await $0.sortedSet.remove(contentsOf: $0.texts)
        },
        Operation("SortedSetCache.remove(ranks:from:)") {
            try await $0.sortedSet.remove(ranks: 0..<$0.count, from: $0.end)
        },
        Operation("SortedSetCache.remove(in:)") { try await $0.sortedSet.remove(in: 0...5) },
        Operation("SortedSetCache.popMin()") { _ = try await $0.sortedSet.popMin() },
        Operation("SortedSetCache.popMin(_:)") { _ = try await $0.sortedSet.popMin($0.count) },
        Operation("SortedSetCache.popMax()") { _ = try await $0.sortedSet.popMax() },
        Operation("SortedSetCache.popMax(_:)") { _ = try await $0.sortedSet.popMax($0.count) },
        Operation("SortedSetCache.score(of:)") { _ = try await $0.sortedSet.score(of: $0.text) },
        Operation("SortedSetCache.scores(of:)") { _ = try await $0.sortedSet.scores(of: $0.texts) },
        Operation("SortedSetCache.contains(_:)") { _ = try await $0.sortedSet.contains($0.text) },
        Operation("SortedSetCache.rank(of:from:)") {
            _ = try await $0.sortedSet.rank(of: $0.text, from: $0.end)
        },
        Operation("SortedSetCache.count") { _ = try await $0.sortedSet.count },
        Operation("SortedSetCache.isEmpty") { _ = try await $0.sortedSet.isEmpty },
        Operation("SortedSetCache.count(in:)") { _ = try await $0.sortedSet.count(in: 1...) },
        Operation("SortedSetCache.first") { _ = try await $0.sortedSet.first },
        Operation("SortedSetCache.last") { _ = try await $0.sortedSet.last },
        Operation("SortedSetCache.random()") { _ = try await $0.sortedSet.random() },
        Operation("SortedSetCache.random(_:)") { _ = try await $0.sortedSet.random($0.count) },
        Operation("SortedSetCache.items(ranks:from:)") {
            _ = try await $0.sortedSet.items(ranks: 0..<$0.count, from: $0.end)
        },
        Operation("SortedSetCache.items(in:from:offset:limit:)") {
            _ = try await $0.sortedSet.items(in: ...9, from: $0.end, offset: $0.below(5), limit: $0.count)
        },
        Operation("SortedSetCache.copy()") { _ = try await $0.sortedSet.copy() },
        Operation("SortedSetCache.ascending") { try await $0.read($0.sortedSet.ascending.batchSize(2)) },
        Operation("SortedSetCache.descending") {
            try await $0.read($0.sortedSet.descending.offset($0.below(3)).limit($0.count))
        },
    ]
}

extension Subject {
    var condition: AddCondition { [.always, .ifAbsent, .ifPresent, .ifGreater, .ifLess][below(5)] }
    var items: [TextSortedSet.Item] { texts.map { (score: score, element: $0) } }
}

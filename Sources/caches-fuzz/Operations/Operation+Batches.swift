import Caches

extension Operation {
    /// Of `Batch`: of each kind of entry.
    static let batches: [Operation] = batchesOfEntries + batchesOfCollections + batchesOfSortedSets

    private static let batchesOfEntries: [Operation] = [
        .batched("Batch.clear(_:)") { $1.clear($0.entry) },
        .batched("Batch.exists(_:)") { $1.exists($0.entry) },
        .batched("Batch.timeLeft(_:)") { $1.timeLeft($0.entry) },
        .batched("Batch.touch(_:ttl:)") { $1.touch($0.entry, ttl: $0.ttl) },
        .batched("Batch.get(_:)") { $1.get($0.record) },
        .batched("Batch.set(_:_:ttl:)") { $1.set($0.value, $0.text, ttl: $0.ttl) },
        .batched("Batch.increment(_:by:ttl:)") { $1.increment($0.counter, by: $0.number, ttl: $0.ttl) },
        .batched("Batch.decrement(_:by:ttl:)") { $1.decrement($0.counter, by: $0.number, ttl: $0.ttl) },
        .batched("Batch.consume(_:_:)") { $1.consume($0.limit, 1 + $0.below(3)) },
        .batched("Batch.peek(_:_:)") { $1.peek($0.limit, $0.below(3)) },
        .batched("Batch.claim(_:ttl:)") { $1.claim($0.claim, ttl: $0.ttl) },
        .batched("Batch.release(_:)") { $1.release($0.claim) },
        .batched("Batch.isSet(_:)") { $1.isSet($0.claim) },
    ]

    private static let batchesOfCollections: [Operation] = [
        .batched("Batch.get(_:_:)") { $1.get($0.dictionary, $0.text) },
        .batched("Batch.getMany(_:_:)") { $1.getMany($0.dictionary, $0.texts) },
        .batched("Batch.contains(_:_:)") { $1.contains($0.dictionary, $0.text) },
        .batched("Batch.count(_:)") { $1.count($0.numbers) },
        .batched("Batch.random(_:)") { subject, batch in
            let result = batch.random(subject.measures)
            return result
        },
        .batched("Batch.copy(_:)") { $1.copy($0.numbers) },
        .batched("Batch.set(_:_:to:ttl:)") { $1.set($0.dictionary, $0.text, to: $0.text, ttl: $0.ttl) },
        .batched("Batch.setIfAbsent(_:_:to:ttl:)") {
            $1.setIfAbsent($0.numbers, $0.number, to: $0.number, ttl: $0.ttl)
        },
        .batched("Batch.update(_:with:ttl:)") { subject, batch in
            let pairs = subject.texts.map { ($0, 0.5) }
            return batch.update(subject.measures, with: pairs, ttl: subject.ttl)
        },
        .batched("Batch.update(_:with:ttl:)") { $1.update($0.dictionary, with: [$0.text: $0.text]) },
        .batched("Batch.merge(_:_:keeping:ttl:)") { subject, batch in
            let pairs = subject.texts.map { ($0, subject.text) }
            return batch.merge(subject.dictionary, pairs, keeping: .current, ttl: subject.ttl)
        },
        .batched("Batch.merge(_:_:keeping:ttl:)") { $1.merge($0.numbers, [1: $0.number], keeping: .new) },
        .batched("Batch.increment(_:_:by:ttl:)") { $1.increment($0.numbers, $0.number, by: $0.number) },
        .batched("Batch.increment(_:_:by:ttl:)") { $1.increment($0.measures, $0.text, by: $0.score) },
        .batched("Batch.decrement(_:_:by:ttl:)") { $1.decrement($0.numbers, $0.number, by: $0.number) },
        .batched("Batch.remove(_:_:)") { $1.remove($0.dictionary, $0.text) },
        .batched("Batch.remove(_:contentsOf:)") { $1.remove($0.dictionary, contentsOf: $0.texts) },
        .batched("Batch.pop(_:_:)") { $1.pop($0.measures, $0.text) },
        .batched("Batch.popRandom(_:)") { $1.popRandom($0.dictionary) },
        .batched("Batch.insert(_:_:ttl:)") { $1.insert($0.set, $0.text, ttl: $0.ttl) },
        .batched("Batch.insert(_:contentsOf:ttl:)") { $1.insert($0.set, contentsOf: $0.texts) },
        .batched("Batch.remove(_:_:)") { $1.remove($0.set, $0.text) },
        .batched("Batch.pop(_:)") { $1.pop($0.set) },
        .batched("Batch.contains(_:_:)") { $1.contains($0.set, $0.text) },
        .batched("Batch.count(_:)") { $1.count($0.set) },
        .batched("Batch.copy(_:)") { $1.copy($0.set) },
    ]

    private static let batchesOfSortedSets: [Operation] = [
        .batched("Batch.add(_:_:score:_:ttl:)") {
            $1.add($0.sortedSet, $0.text, score: $0.score, $0.condition, ttl: $0.ttl)
        },
        .batched("Batch.add(_:contentsOf:_:ttl:)") {
            $1.add($0.sortedSet, contentsOf: $0.items, $0.condition, ttl: $0.ttl)
        },
        .batched("Batch.add(_:contentsOf:_:ttl:)") { $1.add($0.sortedSet, contentsOf: [$0.text: $0.score]) },
        .batched("Batch.increment(_:_:by:ttl:)") { $1.increment($0.sortedSet, $0.text, by: $0.score) },
        .batched("Batch.decrement(_:_:by:ttl:)") { $1.decrement($0.sortedSet, $0.text, by: $0.score) },
        .batched("Batch.remove(_:_:)") { $1.remove($0.sortedSet, $0.text) },
        .batched("Batch.remove(_:contentsOf:)") { $1.remove($0.sortedSet, contentsOf: $0.texts) },
        .batched("Batch.remove(_:ranks:from:)") { $1.remove($0.sortedSet, ranks: 0..<$0.count) },
        .batched("Batch.remove(_:in:)") { $1.remove($0.sortedSet, in: 3...4) },
        .batched("Batch.popMin(_:)") { $1.popMin($0.sortedSet) },
        .batched("Batch.popMin(_:_:)") { $1.popMin($0.sortedSet, $0.count) },
        .batched("Batch.popMax(_:)") { $1.popMax($0.sortedSet) },
        .batched("Batch.popMax(_:_:)") { $1.popMax($0.sortedSet, $0.count) },
        .batched("Batch.score(_:of:)") { $1.score($0.sortedSet, of: $0.text) },
        .batched("Batch.scores(_:of:)") { $1.scores($0.sortedSet, of: $0.texts) },
        .batched("Batch.contains(_:_:)") { $1.contains($0.sortedSet, $0.text) },
        .batched("Batch.rank(_:of:from:)") { $1.rank($0.sortedSet, of: $0.text, from: $0.end) },
        .batched("Batch.count(_:)") { $1.count($0.sortedSet) },
        .batched("Batch.count(_:in:)") { $1.count($0.sortedSet, in: 0...) },
        .batched("Batch.first(_:)") { $1.first($0.sortedSet) },
        .batched("Batch.last(_:)") { $1.last($0.sortedSet) },
        .batched("Batch.random(_:_:)") { $1.random($0.sortedSet, $0.count) },
        .batched("Batch.items(_:ranks:from:)") { $1.items($0.sortedSet, ranks: 0..., from: $0.end) },
        .batched("Batch.items(_:in:from:offset:limit:)") {
            $1.items($0.sortedSet, in: ...7, from: $0.end, offset: $0.below(3), limit: $0.count)
        },
        .batched("Batch.copy(_:)") { $1.copy($0.sortedSet) },
    ]
}

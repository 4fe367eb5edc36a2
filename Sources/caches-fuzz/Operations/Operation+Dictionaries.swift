import Caches

extension Operation {
    /// The operations of `DictCache`.
    static let dictionaries: [Operation] = [
        Operation("DictCache.subscript(field:)") { _ = try await $0.dictionary[$0.text] },
        Operation("DictCache.get(_:)") { _ = try await $0.numbers.get($0.number) },
        Operation("DictCache.getOrThrow(_:)") { _ = try await $0.measures.getOrThrow($0.text) },
        Operation("DictCache.get(_:default:)") { _ = try await $0.measures.get($0.text, default: 1) },
        Operation("DictCache.getMany(_:)") { _ = try await $0.dictionary.getMany($0.texts) },
        Operation("DictCache.contains(_:)") { _ = try await $0.dictionary.contains($0.text) },
        Operation("DictCache.count") { _ = try await $0.dictionary.count },
        Operation("DictCache.isEmpty") { _ = try await $0.dictionary.isEmpty },
        Operation("DictCache.random()") { _ = try await $0.numbers.random() },
        Operation("DictCache.copy()") { _ = try await $0.numbers.copy() },
        Operation("DictCache.set(_:to:ttl:)") {
            try await $0.dictionary.set($0.text, to: $0.text, ttl: $0.ttl)
        },
        Operation("DictCache.setIfAbsent(_:to:ttl:)") {
            try await $0.numbers.setIfAbsent($0.number, to: $0.number, ttl: $0.ttl)
        },
        Operation("DictCache.remove(_:)") { try await $0.dictionary.remove($0.text) },
        Operation("DictCache.remove(contentsOf:)") { try await $0.dictionary.remove(contentsOf: $0.texts) },
        Operation("DictCache.pop(_:)") { _ = try await $0.dictionary.pop($0.text) },
        Operation("DictCache.pop(_:default:)") { _ = try await $0.numbers.pop($0.number, default: 1) },
        Operation("DictCache.popRandom()") { _ = try await $0.dictionary.popRandom() },
        Operation("DictCache.update(with:ttl:)") { subject in
            let pairs = subject.texts.map { ($0, subject.text) }
            try await subject.dictionary.update(with: pairs, ttl: subject.ttl)
        },
        Operation("DictCache.update(with:ttl:)") {
            try await $0.numbers.update(with: [$0.number: $0.number], ttl: $0.ttl)
        },
        Operation("DictCache.merge(_:keeping:ttl:)") { subject in
            let pairs = subject.texts.map { ($0, 1.5) }
            try await subject.measures.merge(
                pairs, keeping: subject.isTrue ? .current : .new, ttl: subject.ttl)
        },
        Operation("DictCache.merge(_:keeping:ttl:)") {
            try await $0.dictionary.merge(
                [$0.text: $0.text], keeping: $0.isTrue ? .current : .new, ttl: $0.ttl)
        },
        Operation("DictCache.increment(_:by:ttl:)") {
            try await $0.numbers.increment($0.number, by: $0.number, ttl: $0.ttl)
        },
        Operation("DictCache.increment(_:by:ttl:)") {
            try await $0.measures.increment($0.text, by: $0.score, ttl: $0.ttl)
        },
        Operation("DictCache.decrement(_:by:ttl:)") {
            try await $0.numbers.decrement($0.number, by: $0.number, ttl: $0.ttl)
        },
        Operation("DictCache.items") { try await $0.read($0.dictionary.items.batchSize(1 + $0.below(50))) },
        Operation("DictCache.keys") { try await $0.read($0.numbers.keys) },
        Operation("DictCache.values") { try await $0.read($0.measures.values) },
    ]
}

extension Subject {
    /// Reads the first elements of a sequence: each costs at most one call, and the sequence may never end.
    func read<Elements: AsyncSequence>(_ elements: Elements) async throws {
        var count = 0
        for try await _ in elements {
            count += 1
            if count >= 200 { return }
        }
    }
}

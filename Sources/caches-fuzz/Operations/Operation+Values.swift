import Caches

extension Operation {
    /// The operations of `Cache`, and of functions whose results are cached.
    static let values: [Operation] = [
        Operation("Cache.get()") { _ = try await $0.isTrue ? $0.value.get() : $0.value.get() },
        Operation("Cache.getOrThrow()") { _ = try await $0.record.getOrThrow() },
        Operation("Cache.get(default:)") { _ = try await $0.counter.get(default: 7) },
        Operation("Cache.set(_:ttl:)") { try await $0.value.set($0.text, ttl: $0.ttl) },
        Operation("Cache.setIfAbsent(_:ttl:)") {
            _ = try await $0.value.setIfAbsent($0.text, ttl: $0.ttl)
        },
        Operation("Cache.set(keepingTTL:)") { try await $0.value.set(keepingTTL: $0.text) },
        Operation("Cache.getAndClear()") { _ = try await $0.value.getAndClear() },
        Operation("Cache.getWithTimeLeft()") { _ = try await $0.record.getWithTimeLeft() },
        Operation("Cache.getOrSet(_:ttl:)") { _ = try await $0.counter.getOrSet($0.number, ttl: $0.ttl) },
        Operation("Cache.compareAndSet(_:to:ttl:)") {
            _ = try await $0.value.compareAndSet($0.isTrue ? $0.text : nil, to: $0.text, ttl: $0.ttl)
        },
        Operation("Cache.increment(by:ttl:)") {
            _ = try await $0.counter.increment(by: $0.number, ttl: $0.ttl)
        },
        Operation("Cache.decrement(by:ttl:)") {
            _ = try await $0.counter.decrement(by: $0.number, ttl: $0.ttl)
        },
        Operation("Cache.getMany(_:on:)") { _ = try await ValueCache.getMany($0.texts, on: $0.pool) },
        Operation("Cache.getMany(_:on:)") { subject in
            _ = try await RecordCache.getMany(subject.texts.map { ($0, 1) }, on: subject.pool)
        },
        Operation("Cache.getEach(_:on:)") { subject in
            try check(await ValueCache.getEach(subject.texts, on: subject.pool))
        },
        Operation("Cache.getEach(_:on:)") { subject in
            try check(await NumberCache.getEach(subject.texts.map { ($0, 1) }, on: subject.pool))
        },
        Operation("Cache.setMany(_:ttl:on:)") { subject in
            let values = Dictionary(subject.texts.map { ($0, subject.text) }) { first, _ in first }
            try await ValueCache.setMany(values, ttl: subject.ttl, on: subject.pool)
        },
        Operation("Cache.setMany(_:ttl:on:)") { subject in
            let values = subject.texts.map { ($0, subject.number) }
            try await NumberCache.setMany(values, ttl: subject.ttl, on: subject.pool)
        },
        Operation("Cache.clearMany(_:on:)") { _ = try await ValueCache.clearMany($0.texts, on: $0.pool) },
        Operation("Cache.fetch(ttl:unless:_:)") { subject in
            let new = subject.text
            _ = try await subject.value.fetch(ttl: subject.ttl) { new }
        },
        Operation("Cache.cached(prefix:ttl:unless:on:_:)") {
            _ = try await function($0)("\($0.below(3))", 1)
        },
        Operation("Cache.cached(key:prefix:ttl:unless:on:_:)") { subject in
            let function = NumberCache.cached(
                key: { (number: Int) in [number] }, prefix: "by-key", on: subject.pool
            ) { (number: Int) in number }
            _ = try await function(subject.below(3))
        },
        Operation("CachedFunction.callAsFunction(_:)") { _ = try await function($0)("\($0.below(3))", 2) },
        Operation("CachedFunction.clear(_:)") { try await function($0).clear("\($0.below(3))", 1) },
    ]

    private static func function(_ subject: Subject) -> CachedFunction<String, Int, String> {
        ValueCache.cached(prefix: "function", on: subject.pool) { (text: String, number: Int) in
            "\(text)\(number)"
        }
    }

    /// Throws the first failure, so that it is judged.
    private static func check(_ results: [Result<some Any, any Error>]) throws {
        for result in results { _ = try result.get() }
    }

    /// The operations of every kind of entry.
    static let entries: [Operation] = [
        Operation("CacheEntry.clear()") { try await $0.entry.clear() },
        Operation("CacheEntry.exists()") { _ = try await $0.entry.exists() },
        Operation("CacheEntry.timeLeft()") { $0.judge.read("\(try await $0.entry.timeLeft())") },
        Operation("CacheEntry.touch(ttl:)") { try await $0.entry.touch(ttl: $0.ttl) },
        Operation("CacheEntry.explain()") { $0.judge.read(lines: "\(try await $0.entry.explain())") },
    ]
}

import Caches

extension Operation {
    /// The operations of `Batch`, for each kind of entry.
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
        .batched("RateLimitCache.consuming(_:)") { $1.add($0.limit.consuming(1 + $0.below(3))) },
        .batched("RateLimitCache.peeking(_:)") { $1.add($0.limit.peeking($0.below(3))) },
        .batched("SentinelCache.claiming(ttl:)") { $1.add($0.claim.claiming(ttl: $0.ttl)) },
        .batched("SentinelCache.releasing()") { $1.add($0.claim.releasing()) },
        .batched("CacheEntry.existing()") { $1.add($0.claim.existing()) },
    ]

    private static let batchesOfCollections: [Operation] = [
        .batched("CacheEntry.clearing()") { $1.add($0.entry.clearing()) },
        .batched("CacheEntry.measuringTime()") { $1.add($0.entry.measuringTime()) },
        .batched("CacheEntry.touching(ttl:)") { $1.add($0.entry.touching(ttl: $0.ttl)) },
        .batched("Cache.getting()") { $1.add($0.value.getting()) },
        .batched("Cache.setting(_:ttl:)") { $1.add($0.value.setting($0.text, ttl: $0.ttl)) },
        .batched("Cache.settingIfAbsent(_:ttl:)") {
            $1.add($0.value.settingIfAbsent($0.text, ttl: $0.ttl))
        },
        .batched("Cache.setting(keepingTTL:)") { $1.add($0.value.setting(keepingTTL: $0.text)) },
        .batched("Cache.gettingAndClearing()") { $1.add($0.value.gettingAndClearing()) },
        .batched("Cache.gettingWithTimeLeft()") { $1.add($0.value.gettingWithTimeLeft()) },
        .batched("Cache.gettingOrSetting(_:ttl:)") {
            $1.add($0.value.gettingOrSetting($0.text, ttl: $0.ttl))
        },
        .batched("Cache.comparingAndSetting(_:to:ttl:)") {
            $1.add($0.value.comparingAndSetting($0.text, to: $0.text, ttl: $0.ttl))
        },
        .batched("Cache.incrementing(by:ttl:)") { $1.add($0.counter.incrementing(by: $0.number)) },
        .batched("Cache.decrementing(by:ttl:)") { $1.add($0.counter.decrementing(by: $0.number)) },
        .batched("Batch.add(_:)") { $1.add($0.set.removing(contentsOf: $0.texts)) },
        .batched("SetCache.removing(contentsOf:)") { $1.add($0.set.removing(contentsOf: $0.texts)) },
        .batched("SetCache.containingMany(_:)") { $1.add($0.set.containingMany($0.texts)) },
        .batched("SetCache.choosing(_:)") { $1.add($0.set.choosing($0.count)) },
        .batched("DictCache.gettingOrThrow(_:)") { $1.add($0.dictionary.gettingOrThrow($0.text)) },
        .batched("DictCache.getting(_:)") { $1.add($0.dictionary.getting($0.text)) },
        .batched("DictCache.gettingMany(_:)") { $1.add($0.dictionary.gettingMany($0.texts)) },
        .batched("DictCache.containing(_:)") { $1.add($0.dictionary.containing($0.text)) },
        .batched("DictCache.counting()") { $1.add($0.numbers.counting()) },
        .batched("DictCache.choosing()") { subject, batch in
            let result = batch.add(subject.measures.choosing())
            return result
        },
        .batched("DictCache.copying()") { $1.add($0.numbers.copying()) },
        .batched("DictCache.setting(_:to:ttl:)") {
            $1.add($0.dictionary.setting($0.text, to: $0.text, ttl: $0.ttl))
        },
        .batched("DictCache.settingIfAbsent(_:to:ttl:)") {
            $1.add($0.numbers.settingIfAbsent($0.number, to: $0.number, ttl: $0.ttl))
        },
        .batched("DictCache.updating(with:ttl:)") { subject, batch in
            let pairs = subject.texts.map { ($0, 0.5) }
            return batch.add(subject.measures.updating(with: pairs, ttl: subject.ttl))
        },
        .batched("DictCache.updating(with:ttl:)") {
            $1.add($0.dictionary.updating(with: [$0.text: $0.text]))
        },
        .batched("DictCache.merging(_:keeping:ttl:)") { subject, batch in
            let pairs = subject.texts.map { ($0, subject.text) }
            return batch.add(subject.dictionary.merging(pairs, keeping: .current, ttl: subject.ttl))
        },
        .batched("DictCache.merging(_:keeping:ttl:)") {
            $1.add($0.numbers.merging([1: $0.number], keeping: .new))
        },
        .batched("DictCache.incrementing(_:by:ttl:)") {
            $1.add($0.numbers.incrementing($0.number, by: $0.number))
        },
        .batched("DictCache.incrementing(_:by:ttl:)") {
            $1.add($0.measures.incrementing($0.text, by: $0.score))
        },
        .batched("DictCache.decrementing(_:by:ttl:)") {
            $1.add($0.numbers.decrementing($0.number, by: $0.number))
        },
        .batched("DictCache.removing(_:)") { $1.add($0.dictionary.removing($0.text)) },
        .batched("DictCache.removing(contentsOf:)") { $1.add($0.dictionary.removing(contentsOf: $0.texts)) },
        .batched("DictCache.popping(_:)") { $1.add($0.measures.popping($0.text)) },
        .batched("DictCache.poppingRandom()") { $1.add($0.dictionary.poppingRandom()) },
        .batched("SetCache.inserting(_:ttl:)") { $1.add($0.set.inserting($0.text, ttl: $0.ttl)) },
        .batched("SetCache.inserting(contentsOf:ttl:)") { $1.add($0.set.inserting(contentsOf: $0.texts)) },
        .batched("SetCache.removing(_:)") { $1.add($0.set.removing($0.text)) },
        .batched("SetCache.popping()") { $1.add($0.set.popping()) },
        .batched("SetCache.containing(_:)") { $1.add($0.set.containing($0.text)) },
        .batched("SetCache.counting()") { $1.add($0.set.counting()) },
        .batched("SetCache.copying()") { $1.add($0.set.copying()) },
    ]

    private static let batchesOfSortedSets: [Operation] = [
        .batched("SortedSetCache.adding(_:score:_:ttl:)") {
            $1.add($0.sortedSet.adding($0.text, score: $0.score, $0.condition, ttl: $0.ttl))
        },
        .batched("SortedSetCache.adding(contentsOf:_:ttl:)") {
            $1.add($0.sortedSet.adding(contentsOf: $0.items, $0.condition, ttl: $0.ttl))
        },
        .batched("SortedSetCache.adding(contentsOf:_:ttl:)") {
            $1.add($0.sortedSet.adding(contentsOf: [$0.text: $0.score]))
        },
        .batched("SortedSetCache.incrementing(_:by:ttl:)") {
            $1.add($0.sortedSet.incrementing($0.text, by: $0.score))
        },
        .batched("SortedSetCache.decrementing(_:by:ttl:)") {
            $1.add($0.sortedSet.decrementing($0.text, by: $0.score))
        },
        .batched("SortedSetCache.removing(_:)") { $1.add($0.sortedSet.removing($0.text)) },
        .batched("SortedSetCache.removing(contentsOf:)") {
            $1.add($0.sortedSet.removing(contentsOf: $0.texts))
        },
        .batched("SortedSetCache.removing(ranks:from:)") {
            $1.add($0.sortedSet.removing(ranks: 0..<$0.count))
        },
        .batched("SortedSetCache.removing(in:)") { $1.add($0.sortedSet.removing(in: 3...4)) },
        .batched("SortedSetCache.poppingMin()") { $1.add($0.sortedSet.poppingMin()) },
        .batched("SortedSetCache.poppingMin(_:)") { $1.add($0.sortedSet.poppingMin($0.count)) },
        .batched("SortedSetCache.poppingMax()") { $1.add($0.sortedSet.poppingMax()) },
        .batched("SortedSetCache.poppingMax(_:)") { $1.add($0.sortedSet.poppingMax($0.count)) },
        .batched("SortedSetCache.scoring(of:)") { $1.add($0.sortedSet.scoring(of: $0.text)) },
        .batched("SortedSetCache.scoringMany(_:)") { $1.add($0.sortedSet.scoringMany($0.texts)) },
        .batched("SortedSetCache.containing(_:)") { $1.add($0.sortedSet.containing($0.text)) },
        .batched("SortedSetCache.ranking(of:from:)") {
            $1.add($0.sortedSet.ranking(of: $0.text, from: $0.end))
        },
        .batched("SortedSetCache.counting()") { $1.add($0.sortedSet.counting()) },
        .batched("SortedSetCache.counting(in:)") { $1.add($0.sortedSet.counting(in: 0...)) },
        .batched("SortedSetCache.findingFirst()") { $1.add($0.sortedSet.findingFirst()) },
        .batched("SortedSetCache.findingLast()") { $1.add($0.sortedSet.findingLast()) },
        .batched("SortedSetCache.choosing(_:)") { $1.add($0.sortedSet.choosing($0.count)) },
        .batched("SortedSetCache.listing(ranks:from:)") {
            $1.add($0.sortedSet.listing(ranks: 0..., from: $0.end))
        },
        .batched("SortedSetCache.listing(in:from:offset:limit:)") {
            $1.add($0.sortedSet.listing(in: ...7, from: $0.end, offset: $0.below(3), limit: $0.count))
        },
        .batched("SortedSetCache.copying()") { $1.add($0.sortedSet.copying()) },
    ]
}

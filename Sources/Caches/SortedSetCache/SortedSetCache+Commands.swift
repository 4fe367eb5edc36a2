// What each operation sends, and what the reply means.
// (https://redis.io/docs/latest/commands/?group=sorted-set)

extension SortedSetCache {
    // MARK: Writing

    final func adding(
        _ items: some Sequence<Item>, _ condition: AddCondition, ttl: TTL?
    ) throws(CachesError) -> CacheCommand<Int> {
        var payloads: [Payload] = []
        payloads.reserveCapacity(2 * items.underestimatedCount)
        for (score, element) in items {
            payloads.append(try Score.payload(Self.normalize(score: score)))
            payloads.append(try payload(element))
        }
        // By CH, new scores count as new elements do.
        return CacheCommand(
            writing: "ZADD", condition.words.map { .text($0) } + ["CH"], items: payloads,
            milliseconds: try milliseconds(ttl), idempotent: true, whenOut: .drop(0)
        ) { try $0.requireNumber(.count, from: $1) }
    }

    final func incrementing(
        _ element: Element, by amount: Double, ttl: TTL?
    ) throws(CachesError) -> CacheCommand<Double> {
        CacheCommand(
            writing: "ZINCRBY", items: [try Score.payload(amount), try payload(element)],
            milliseconds: try milliseconds(ttl), idempotent: false
        ) { reply, node in
            guard let score = try reply.requireScore(from: node) else { throw reply.unexpected(from: node) }
            return Self.normalize(score: score)
        }
    }

    final func removing(_ elements: some Sequence<Element>) throws(CachesError) -> CacheCommand<Int> {
        CacheCommand("ZREM", try payloads(elements), idempotent: true, whenOut: .drop(0)) {
            try $0.requireNumber(.count, from: $1)
        }
    }

    final func removing(
        ranks: some RangeExpression<Int>, from end: SortedSetEnd
    ) throws(CachesError) -> CacheCommand<Int> {
        // Twice would remove those that have got the ranks since.
        CacheCommand(
            "ZREMRANGEBYRANK", try RankRange(ranks).arguments(countedFrom: end), idempotent: false,
            whenOut: .drop(0)
        ) { try $0.requireNumber(.count, from: $1) }
    }

    final func removing(in scores: some ScoreRangeExpression) throws(CachesError) -> CacheCommand<Int> {
        CacheCommand(
            "ZREMRANGEBYSCORE", try scores.scores.bounds(), idempotent: true, whenOut: .drop(0)
        ) { try $0.requireNumber(.count, from: $1) }
    }

    final func popping(_ count: Int, from end: SortedSetEnd) throws(CachesError) -> CacheCommand<[Item]> {
        let name: StaticString = end == .lowest ? "ZPOPMIN" : "ZPOPMAX"
        return CacheCommand(name, [.number(try checked(count))], idempotent: false) { reply, node in
            let stored = try reply.requireItems(from: node)
            let items = self.decoded(stored)
            if items.isEmpty, let first = stored.first {
                _ = try self.decodeOrThrow(Element.self, from: first.bytes, of: node)
            }
            return items
        }
    }

    // MARK: Reading

    final func scoring(_ element: Element) throws(CachesError) -> CacheCommand<Double?> {
        CacheCommand("ZSCORE", [try payload(element)], idempotent: true, whenOut: .miss(nil)) {
            try $0.requireScore(from: $1).map(Self.normalize(score:))
        }
    }

    final func scoringMany(
        _ elements: some Sequence<Element>
    ) throws(CachesError) -> CacheCommand<[Double?]> {
        // ZMSCORE is there since Redis 6.2.
        let payloads = try payloads(elements)
        return CacheCommand(
            "ZMSCORE", payloads, idempotent: true,
            whenOut: .miss(Array(repeating: nil, count: payloads.count))
        ) { reply, node in
            try reply.requireArray(of: payloads.count, from: node).map {
                try $0.requireScore(from: node).map(Self.normalize(score:))
            }
        }
    }

    final func containing(_ element: Element) throws(CachesError) -> CacheCommand<Bool> {
        try scoring(element).map { $0 != nil }
    }

    final func ranking(
        _ element: Element, from end: SortedSetEnd
    ) throws(CachesError) -> CacheCommand<Int?> {
        let name: StaticString = end == .lowest ? "ZRANK" : "ZREVRANK"
        return CacheCommand(name, [try payload(element)], idempotent: true, whenOut: .miss(nil)) {
            $0.isNull ? nil : try $0.requireNumber(.count, from: $1)
        }
    }

    final func counting() -> CacheCommand<Int> {
        CacheCommand("ZCARD", idempotent: true, whenOut: .miss(0)) { try $0.requireNumber(.count, from: $1) }
    }

    final func counting(in scores: some ScoreRangeExpression) throws(CachesError) -> CacheCommand<Int> {
        CacheCommand("ZCOUNT", try scores.scores.bounds(), idempotent: true, whenOut: .miss(0)) {
            try $0.requireNumber(.count, from: $1)
        }
    }

    final func choosing(_ count: Int) throws(CachesError) -> CacheCommand<[Item]> {
        // The server has to count elements and scores, and refuses more than half of what it can count.
        let count = min(try checked(count), .max / 2)
        return reading("ZRANDMEMBER", [.number(count), "WITHSCORES"]).map(decoded)
    }

    // MARK: Reading in order

    final func finding(_ end: SortedSetEnd) -> CacheCommand<Item?> {
        listing(RankRange(first: 0, count: 1), from: end).map { self.decoded($0).first }
    }

    final func copying() -> CacheCommand<[Item]> {
        listing(RankRange(first: 0, count: .max), from: .lowest).map(decoded)
    }

    final func listing(
        ranks: some RangeExpression<Int>, from end: SortedSetEnd
    ) throws(CachesError) -> CacheCommand<[Item]> {
        listing(try RankRange(ranks), from: end).map(decoded)
    }

    final func listing(_ ranks: RankRange, from end: SortedSetEnd) -> CacheCommand<[StoredItem]> {
        reading("ZRANGE", ranks.arguments + end.words + ["WITHSCORES"])
    }

    final func listing(
        in scores: some ScoreRangeExpression, from end: SortedSetEnd, offset: Int, limit: Int?
    ) throws(CachesError) -> CacheCommand<[Item]> {
        // To a server, a limit of -1 is none.
        let part = [try checked(offset), try limit.map(checked) ?? -1].map { Payload.number($0) }
        let bounds = try scores.scores.bounds(from: end)
        return reading("ZRANGE", bounds + ["BYSCORE"] + end.words + ["LIMIT"] + part + ["WITHSCORES"])
            .map(decoded)
    }

    /// The `count` items after one that may be there or not.
    final func listing(
        _ count: Int, after item: StoredItem, from end: SortedSetEnd
    ) throws(CachesError) -> CacheCommand<[StoredItem]> {
        let arguments = [.number(count), try Score.payload(item.score), .bytes(item.bytes)] + end.words
        return CacheCommand(script: Script.itemsAfter, arguments, idempotent: true, whenOut: .miss([])) {
            let items = try $0.requireItems(from: $1)
            // Else an iteration would never end.
            guard items.last.map({ end.follows($0, item) }) ?? true else {
                throw $0.unexpected(from: $1, expected: "a list of what follows an element in order")
            }
            return items
        }
    }

    private final func reading(
        _ name: StaticString, _ arguments: [Payload]
    ) -> CacheCommand<[StoredItem]> {
        CacheCommand(name, arguments, idempotent: true, whenOut: .miss([])) {
            try $0.requireItems(from: $1)
        }
    }

    // MARK: Elements

    /// The items as they are returned; what can't be decoded is left out, and counted.
    final func decoded(_ stored: some Sequence<StoredItem>) -> [Item] {
        stored.compactMap { item in
            guard let element = decode(Element.self, from: item.bytes) else { return nil }
            return (Self.normalize(score: item.score), Self.normalize(element))
        }
    }

    private final func payload(_ element: Element) throws(CachesError) -> Payload {
        try encode(Self.normalize(element))
    }

    private final func payloads(
        _ elements: some Sequence<Element>
    ) throws(CachesError) -> [Payload] {
        var payloads: [Payload] = []
        payloads.reserveCapacity(elements.underestimatedCount)
        for element in elements { payloads.append(try payload(element)) }
        return payloads
    }

    private final func checked(_ count: Int) throws(CachesError) -> Int {
        guard count >= 0 else {
            throw CachesError(
                .invalidArgument, "A count of \(count) elements makes no sense.", advice: "Give 0 or more.")
        }
        return count
    }
}

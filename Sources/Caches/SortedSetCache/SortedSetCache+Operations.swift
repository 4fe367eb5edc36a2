// The command of each operation, and the meaning of its reply.
// (https://redis.io/docs/latest/commands/?group=sorted-set)

extension SortedSetCache {
    // MARK: Writing

    /// ``SortedSetCache/add(contentsOf:_:ttl:)`` as an operation.
    public final func adding(
        contentsOf items: some Sequence<Item>, _ condition: AddCondition = .always, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        operation {
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
    }

    /// ``SortedSetCache/increment(_:by:ttl:)`` as an operation.
    public final func incrementing(
        _ element: Element, by amount: Double = 1, ttl: TTL? = nil
    ) -> CacheOperation<Double> {
        operation {
            CacheCommand(
                writing: "ZINCRBY", items: [try Score.payload(amount), try payload(element)],
                milliseconds: try milliseconds(ttl), idempotent: false
            ) { reply, node in
                guard let score = try reply.requireScore(from: node) else {
                    throw reply.unexpected(from: node)
                }
                return Self.normalize(score: score)
            }
        }
    }

    /// ``SortedSetCache/add(_:score:_:ttl:)`` as an operation.
    public final func adding(
        _ element: Element, score: Double, _ condition: AddCondition = .always, ttl: TTL? = nil
    ) -> CacheOperation<Bool> {
        adding(contentsOf: CollectionOfOne((score: score, element: element)), condition, ttl: ttl).map {
            $0 > 0
        }
    }

    /// ``SortedSetCache/add(contentsOf:_:ttl:)`` as an operation.
    public final func adding(
        contentsOf scores: [Element: Double], _ condition: AddCondition = .always, ttl: TTL? = nil
    ) -> CacheOperation<Int> {
        adding(contentsOf: scores.map { (score: $0.value, element: $0.key) }, condition, ttl: ttl)
    }

    /// ``SortedSetCache/decrement(_:by:ttl:)`` as an operation.
    public final func decrementing(
        _ element: Element, by amount: Double = 1, ttl: TTL? = nil
    ) -> CacheOperation<Double> {
        incrementing(element, by: -amount, ttl: ttl)
    }

    /// ``SortedSetCache/remove(_:)`` as an operation.
    public final func removing(_ element: Element) -> CacheOperation<Bool> {
        removing(contentsOf: CollectionOfOne(element)).map { $0 > 0 }
    }

    /// ``SortedSetCache/remove(contentsOf:)`` as an operation.
    public final func removing(contentsOf elements: some Sequence<Element>) -> CacheOperation<Int> {
        operation {
            CacheCommand("ZREM", items: try payloads(elements), idempotent: true, whenOut: .drop(0)) {
                try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``SortedSetCache/remove(ranks:from:)`` as an operation.
    public final func removing(
        ranks: some RangeExpression<Int>, from end: SortedSetEnd = .lowest
    ) -> CacheOperation<Int> {
        operation {
            // Twice would remove those that have got the ranks since.
            CacheCommand(
                "ZREMRANGEBYRANK", try RankRange(ranks).arguments(countedFrom: end), idempotent: false,
                whenOut: .drop(0)
            ) { try $0.requireNumber(.count, from: $1) }
        }
    }

    /// ``SortedSetCache/remove(in:)`` as an operation.
    public final func removing(in scores: some ScoreRangeExpression) -> CacheOperation<Int> {
        operation {
            CacheCommand(
                "ZREMRANGEBYSCORE", try scores.scores.bounds(), idempotent: true, whenOut: .drop(0)
            ) { try $0.requireNumber(.count, from: $1) }
        }
    }

    /// ``SortedSetCache/popMin()`` as an operation.
    public final func poppingMin() -> CacheOperation<Item?> { poppingMin(1).map(\.first) }

    /// ``SortedSetCache/popMin(_:)`` as an operation.
    public final func poppingMin(_ count: Int) -> CacheOperation<[Item]> {
        operation { try popCommand(count, from: .lowest) }
    }

    /// ``SortedSetCache/popMax()`` as an operation.
    public final func poppingMax() -> CacheOperation<Item?> { poppingMax(1).map(\.first) }

    /// ``SortedSetCache/popMax(_:)`` as an operation.
    public final func poppingMax(_ count: Int) -> CacheOperation<[Item]> {
        operation { try popCommand(count, from: .highest) }
    }

    private final func popCommand(_ count: Int, from end: SortedSetEnd) throws(CachesError) -> CacheCommand<
        [Item]
    > {
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

    /// ``SortedSetCache/score(of:)`` as an operation.
    public final func scoring(of element: Element) -> CacheOperation<Double?> {
        operation {
            CacheCommand("ZSCORE", [try payload(element)], idempotent: true, whenOut: .miss(nil)) {
                try $0.requireScore(from: $1).map(Self.normalize(score:))
            }
        }
    }

    /// ``SortedSetCache/scores(of:)`` as an operation.
    public final func scoringMany(
        _ elements: some Sequence<Element>
    ) -> CacheOperation<[Double?]> {
        operation {
            // ZMSCORE is there since Redis 6.2.
            let payloads = try payloads(elements)
            return CacheCommand(
                "ZMSCORE", items: payloads, idempotent: true,
                whenOut: .miss(Array(repeating: nil, count: payloads.count))
            ) { reply, node in
                try reply.requireArray(of: payloads.count, from: node).map {
                    try $0.requireScore(from: node).map(Self.normalize(score:))
                }
            }
        }
    }

    /// ``SortedSetCache/contains(_:)`` as an operation.
    public final func containing(_ element: Element) -> CacheOperation<Bool> {
        operation {
            try scoring(of: element).command.get().map { $0 != nil }
        }
    }

    /// ``SortedSetCache/rank(of:from:)`` as an operation.
    public final func ranking(
        of element: Element, from end: SortedSetEnd = .lowest
    ) -> CacheOperation<Int?> {
        operation {
            let name: StaticString = end == .lowest ? "ZRANK" : "ZREVRANK"
            return CacheCommand(name, [try payload(element)], idempotent: true, whenOut: .miss(nil)) {
                $0.isNull ? nil : try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``SortedSetCache/count`` as an operation.
    public final func counting() -> CacheOperation<Int> {
        operation {
            CacheCommand("ZCARD", idempotent: true, whenOut: .miss(0)) {
                try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``SortedSetCache/count(in:)`` as an operation.
    public final func counting(in scores: some ScoreRangeExpression) -> CacheOperation<Int> {
        operation {
            CacheCommand("ZCOUNT", try scores.scores.bounds(), idempotent: true, whenOut: .miss(0)) {
                try $0.requireNumber(.count, from: $1)
            }
        }
    }

    /// ``SortedSetCache/random(_:)`` as an operation.
    public final func choosing(_ count: Int) -> CacheOperation<[Item]> {
        operation {
            // The server has to count elements and scores, and refuses more than half of what it can count.
            let count = min(try checked(count), .max / 2)
            return readCommand("ZRANDMEMBER", [.number(count), "WITHSCORES"]).map(decoded)
        }
    }

    // MARK: Reading in order

    final func findCommand(_ end: SortedSetEnd) -> CacheCommand<Item?> {
        listCommand(RankRange(first: 0, count: 1), from: end).map { self.decoded($0).first }
    }

    /// ``SortedSetCache/copy()`` as an operation.
    public final func copying() -> CacheOperation<[Item]> {
        operation {
            listCommand(RankRange(first: 0, count: .max), from: .lowest).map(decoded)
        }
    }

    /// ``SortedSetCache/items(ranks:from:)`` as an operation.
    public final func listing(
        ranks: some RangeExpression<Int>, from end: SortedSetEnd = .lowest
    ) -> CacheOperation<[Item]> {
        operation { listCommand(try RankRange(ranks), from: end).map(decoded) }
    }

    /// ``SortedSetCache/first`` as an operation.
    public final func findingFirst() -> CacheOperation<Item?> { operation { findCommand(.lowest) } }

    /// ``SortedSetCache/last`` as an operation.
    public final func findingLast() -> CacheOperation<Item?> { operation { findCommand(.highest) } }

    final func listCommand(_ ranks: RankRange, from end: SortedSetEnd) -> CacheCommand<[StoredItem]> {
        readCommand("ZRANGE", ranks.arguments + end.words + ["WITHSCORES"])
    }

    /// ``SortedSetCache/items(in:from:offset:limit:)`` as an operation.
    public final func listing(
        in scores: some ScoreRangeExpression, from end: SortedSetEnd = .lowest, offset: Int = 0,
        limit: Int? = nil
    ) -> CacheOperation<[Item]> {
        operation {
            // To a server, a limit of -1 means no limit.
            let part = [try checked(offset), try limit.map(checked) ?? -1].map { Payload.number($0) }
            let bounds = try scores.scores.bounds(from: end)
            return readCommand("ZRANGE", bounds + ["BYSCORE"] + end.words + ["LIMIT"] + part + ["WITHSCORES"])
                .map(decoded)
        }
    }

    /// The `count` items after one that may be there or not.
    final func listCommand(
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

    private final func readCommand(
        _ name: StaticString, _ arguments: [Payload]
    ) -> CacheCommand<[StoredItem]> {
        CacheCommand(name, arguments, idempotent: true, whenOut: .miss([])) {
            try $0.requireItems(from: $1)
        }
    }

    // MARK: Elements

    /// The items as they are returned; those that can't be decoded are left out, and counted.
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

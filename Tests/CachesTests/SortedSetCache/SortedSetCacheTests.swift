import Caches
import CachesTesting
import Testing

@Suite("Sorted sets on real servers", .timeLimit(.minutes(10)))
struct SortedSetCacheTests {
    @Test("Elements are added, found, counted and removed", arguments: Servers.kinds)
    func basics(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<String>("basics", prefix: "zset", connection: servers.connection)
            try await z.clear()
            #expect(try await z.isEmpty)
            #expect(try await z.first == nil)
            #expect(try await z.last == nil)
            #expect(try await z.add("a", score: 1) == true)
            #expect(try await z.add("a", score: 1) == false)
            #expect(try await z.add("a", score: 3) == true)
            #expect(try await z.add(contentsOf: [(1, "b"), (2, "c"), (3, "a")]) == 2)
            #expect(try await z.add(contentsOf: ["b": 1.5, "d": 4]) == 2)
            #expect(try await z.count == 4)
            #expect(try await z.isEmpty == false)
            #expect(listed(try await z.copy()) == ["b 1.5", "c 2.0", "a 3.0", "d 4.0"])
            #expect(try await z.first.map(listed) == "b 1.5")
            #expect(try await z.last.map(listed) == "d 4.0")
            #expect(try await z.contains("a"))
            #expect(try await z.contains("x") == false)
            #expect(try await z.score(of: "b") == 1.5)
            #expect(try await z.score(of: "x") == nil)
            #expect(try await z.scores(of: ["d", "x", "a"]) == [4, nil, 3])
            #expect(try await z.rank(of: "c") == 1)
            #expect(try await z.rank(of: "c", from: .highest) == 2)
            #expect(try await z.rank(of: "x") == nil)
            #expect(try await z.rank(of: "x", from: .highest) == nil)
            #expect(try await z.remove("a") == true)
            #expect(try await z.remove("a") == false)
            #expect(try await z.remove(contentsOf: ["b", "c", "d", "x"]) == 3)
            #expect(try await z.exists() == false)
        }
    }

    @Test("Nothing is sent if there are no elements", arguments: Servers.kinds)
    func noElements(on servers: Servers) async throws {
        try await servers.run { _ in
            let none = SortedSetCache<String>("none", prefix: "zset", connection: servers.connection)
            try await none.clear()
            #expect(try await none.add(contentsOf: [:]) == 0)
            #expect(try await none.add(contentsOf: [], .ifPresent) == 0)
            #expect(try await none.add(contentsOf: [:], ttl: .seconds(1)) == 0)
            #expect(try await none.remove(contentsOf: []) == 0)
            #expect(try await none.scores(of: []) == [])
        }
    }

    @Test("A condition keeps an addition from writing", arguments: Servers.kinds)
    func conditions(on servers: Servers) async throws {
        /// The effect of each condition on a new element, one with a smaller, the same, and a greater score.
        let cases: [(AddCondition, new: Bool, up: Bool, down: Bool)] = [
            (.always, true, true, true),
            (.ifAbsent, true, false, false),
            (.ifPresent, false, true, true),
            (.ifGreater, true, true, false),
            (.ifLess, true, false, true),
            (.ifPresentAndGreater, false, true, false),
            (.ifPresentAndLess, false, false, true),
        ]
        try await servers.run { _ in
            for ttl in [TTL.forever, .seconds(100)] {
                for (condition, new, up, down) in cases {
                    let z = SortedSetCache<String>(
                        "condition", prefix: "zset", ttl: ttl, connection: servers.connection)
                    try await z.clear()
                    try await z.add("there", score: 5)
                    #expect(try await z.add("new", score: 1, condition) == new)
                    #expect(try await z.score(of: "new") == (new ? 1 : nil))
                    #expect(try await z.add("there", score: 5, condition) == false)
                    #expect(try await z.add("there", score: 6, condition) == up)
                    #expect(try await z.score(of: "there") == (up ? 6 : 5))
                    #expect(try await z.add("there", score: 1, condition) == down)
                    #expect(try await z.score(of: "there") == (down ? 1 : up ? 6 : 5))
                    try await z.add("there", score: 5)
                    let both = [(score: 5.0, element: "there"), (1, "another")]
                    #expect(try await z.add(contentsOf: both, condition) == (new ? 1 : 0))
                }
            }
        }
    }

    @Test("The last score of an element given twice counts", arguments: Servers.kinds)
    func repeated(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<String>("repeated", prefix: "zset", connection: servers.connection)
            try await z.clear()
            #expect(try await z.add(contentsOf: [(1, "a"), (2, "a")]) == 2)
            #expect(listed(try await z.copy()) == ["a 2.0"])
        }
    }

    @Test("A score is incremented and decremented, with and without a ttl", arguments: Servers.kinds)
    func increments(on servers: Servers) async throws {
        try await servers.run { _ in
            for ttl in [TTL.forever, .seconds(100)] {
                let z = SortedSetCache<String>(
                    "increments", prefix: "zset", ttl: ttl, connection: servers.connection)
                try await z.clear()
                #expect(try await z.increment("a") == 1)
                #expect(try await z.increment("a", by: 0.1) == 1.1)
                #expect(try await z.decrement("a", by: 1) == 1.1 - 1)
                #expect(try await z.score(of: "a") == 1.1 - 1)
                #expect(try await z.decrement("b") == -1)
                // Lua's own text of a number has 14 digits.
                #expect(try await z.increment("c", by: 1.0.nextUp) == 1.0.nextUp)
                #expect(try await z.increment("d", by: .infinity) == .infinity)

                let error = await #expect(throws: CachesError.self) {
                    try await z.decrement("d", by: .infinity)
                }
                #expect(error?.code == .server("ERR"))
                #expect(error?.message.contains("NaN") == true)
                #expect(error?.advice?.contains("zset.increments") == true)
                #expect(try await z.score(of: "d") == .infinity)
            }
        }
    }

    @Test("No increment of many tasks is lost", arguments: Servers.kinds)
    func concurrentIncrements(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<String>("many", prefix: "zset", connection: servers.connection)
            try await z.clear()
            let seen = try await withThrowingTaskGroup { group in
                for _ in 0..<200 { group.addTask { try await z.increment("a", ttl: .seconds(100)) } }
                return try await group.reduce(into: Set<Double>()) { $0.insert($1) }
            }
            #expect(seen == Set((1...200).map(Double.init)))
        }
    }

    @Test("The lowest and the highest are popped, one or many", arguments: Servers.kinds)
    func pops(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<Int>("pops", prefix: "zset", connection: servers.connection)
            try await z.clear()
            #expect(try await z.popMin() == nil)
            #expect(try await z.popMax() == nil)
            #expect(try await z.popMin(3).isEmpty)
            try await z.add(contentsOf: (1...9).map { (score: Double($0), element: $0 * 10) })
            #expect(try await z.popMin().map(listed) == "10 1.0")
            #expect(try await z.popMax().map(listed) == "90 9.0")
            #expect(listed(try await z.popMin(2)) == ["20 2.0", "30 3.0"])
            #expect(listed(try await z.popMax(2)) == ["80 8.0", "70 7.0"])
            #expect(try await z.popMax(0).isEmpty)
            #expect(listed(try await z.popMin(100)) == ["40 4.0", "50 5.0", "60 6.0"])
            let error = await #expect(throws: CachesError.self) { try await z.popMin(-1) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("Elements are chosen by the server", arguments: Servers.kinds)
    func random(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<Int>("random", prefix: "zset", connection: servers.connection)
            try await z.clear()
            #expect(try await z.random() == nil)
            #expect(try await z.random(3).isEmpty)
            try await z.add(contentsOf: (1...5).map { (score: Double($0), element: $0) })
            let chosen = try #require(try await z.random())
            #expect((1...5).contains(chosen.element))
            #expect(chosen.score == Double(chosen.element))
            for count in [10, .max] {
                #expect(try await z.random(count).map(\.element).sorted() == Array(1...5))
            }
            #expect(try await Set(z.random(3).map(\.element)).count == 3)
            #expect(try await z.random(0).isEmpty)
            let error = await #expect(throws: CachesError.self) { try await z.random(-1) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("Each addition and increment restarts the ttl, and a removal doesn't", arguments: Servers.kinds)
    func ttl(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<Int>(
                "ttl", prefix: "zset", ttl: .seconds(100), connection: servers.connection)
            try await z.clear()
            try await z.add(1, score: 1)
            #expect(try await z.isLeft(1...100))
            // More than a script can pass to one call.
            let many = (1...20_000).map { (score: Double($0), element: $0) }
            #expect(try await z.add(contentsOf: many, ttl: .seconds(1000)) == 19_999)
            #expect(try await z.count == 20_000)
            #expect(try await z.isLeft(101...1000))
            try await z.remove(1)
            try await z.remove(ranks: 0..<10)
            try await z.remove(in: 0...20)
            _ = try await z.popMin()
            #expect(try await z.isLeft(101...1000))
            try await z.increment(1)
            #expect(try await z.isLeft(1...100))
            try await z.add(1, score: 1, ttl: .seconds(1000))
            // Also if its condition kept it from writing.
            #expect(try await z.add(1, score: 9, .ifAbsent) == false)
            #expect(try await z.isLeft(1...100))
            // Without a ttl the existing one stays.
            try await z.add(1, score: 2, ttl: .forever)
            try await z.increment(1, ttl: .forever)
            #expect(try await z.isLeft(1...100))
            try await z.remove(in: .all)
            #expect(try await z.timeLeft() == .missing)
        }
    }

    @Test(
        "A value that is not a sorted set stays as it is, with its ttl", arguments: Servers.kinds,
        [TTL.forever, .seconds(5)])
    func wrongType(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let value = Cache<Int>("wrong", "\(ttl)", prefix: "zset", connection: servers.connection)
            let z = SortedSetCache<Int>(
                "wrong", "\(ttl)", prefix: "zset", ttl: ttl, connection: servers.connection)
            try await value.set(7)
            let calls: [(SortedSetCache<Int>) async throws -> Void] = [
                { try await $0.add(1, score: 1) },
                { try await $0.increment(1) },
                { _ = try await $0.popMin() },
                { _ = try await $0.score(of: 1) },
                { _ = try await $0.copy() },
                { _ = try await $0.ascending.collected() },
            ]
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call(z) }
                #expect(error?.code == .server("WRONGTYPE"))
                #expect(error?.advice?.contains("zset.wrong") == true)
            }
            #expect(try await value.get() == 7)
            #expect(try await value.timeLeft() == .forever)
        }
    }

    @Test("An item that can't be decoded is left out; popped alone, it is an error", arguments: Servers.kinds)
    func undecodable(on servers: Servers) async throws {
        try await servers.run { _ in
            let texts = SortedSetCache<String>("undecodable", prefix: "zset", connection: servers.connection)
            let numbers = SortedSetCache<Int>("undecodable", prefix: "zset", connection: servers.connection)
            try await texts.clear()
            try await texts.add(contentsOf: ["w": 0, "x": 1, "1": 2, "y": 3, "2": 4, "z": 5])
            let before = CacheCounters.undecodable
            #expect(listed(try await numbers.copy()) == ["1 2.0", "2 4.0"])
            #expect(CacheCounters.undecodable >= before + 4)
            #expect(try await numbers.count == 6)
            #expect(try await numbers.first == nil)
            #expect(try await numbers.items(ranks: 0..<3).count == 1)
            // A limit counts the returned items, an offset the existing ones.
            #expect(listed(try await numbers.ascending.limit(1).collected()) == ["1 2.0"])
            #expect(listed(try await numbers.ascending.offset(3).limit(1).collected()) == ["2 4.0"])
            #expect(listed(try await numbers.descending.batchSize(1).collected()) == ["2 4.0", "1 2.0"])

            let error = await #expect(throws: CachesError.self) { try await numbers.popMin() }
            #expect(error?.code == .decoding)
            #expect(try await texts.contains("w") == false)
            #expect(listed(try await numbers.popMin(2)) == ["1 2.0"])
            let nothing = await #expect(throws: CachesError.self) { try await numbers.popMax(1) }
            #expect(nothing?.code == .decoding)
            #expect(listed(try await texts.copy()) == ["y 3.0", "2 4.0"])
        }
    }

    @Test("A class has the last word on elements and scores", arguments: Servers.kinds)
    func normalizing(on servers: Servers) async throws {
        final class Names: SortedSetCache<String>, @unchecked Sendable {
            override class func normalize(_ element: String) -> String { element.lowercased() }
            override class func normalize(score: Double) -> Double { score.rounded() }
        }
        try await servers.run { _ in
            let names = Names("normalized", connection: servers.connection)
            try await names.clear()
            try await names.add("AL", score: 1.4)
            #expect(try await names.contains("Al"))
            #expect(try await names.score(of: "al") == 1)
            #expect(try await names.increment("aL", by: 0.6) == 2)
            #expect(listed(try await names.copy()) == ["al 2.0"])
            #expect(listed(try await names.ascending.collected()) == ["al 2.0"])
            #expect(try await names.remove("Al"))
        }
    }

    @Test("Operations with an empty stand-in use it while the node is out; all others fail")
    func outage() async throws {
        let server = try ScriptedServer(.closes())
        let pool = try CachePool([server.dsn()])
        let z = SortedSetCache<Int>("out", outagePolicy: .miss, on: pool)
        #expect(try await z.add(1, score: 1) == false)
        #expect(try await z.remove(1) == false)
        #expect(try await z.remove(ranks: 0...) == 0)
        #expect(try await z.remove(in: 0...) == 0)
        #expect(try await z.count == 0)
        #expect(try await z.contains(1) == false)
        #expect(try await z.scores(of: [1, 2]) == [nil, nil])
        #expect(try await z.rank(of: 1) == nil)
        #expect(try await z.first == nil)
        #expect(try await z.copy().isEmpty)
        #expect(try await z.ascending.collected().isEmpty)
        await #expect(throws: CachesError.self) { try await z.increment(1) }
        await #expect(throws: CachesError.self) { try await z.popMin() }
        await pool.close()
        server.stop()
    }

    @Test("Every operation can be batched", arguments: Servers.kinds)
    func batch(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let z = SortedSetCache<String>("batched", prefix: "zset", connection: servers.connection)
            try await z.clear()
            let (added, many, pairs, none, up, down) = try await pool.batch { b in
                (
                    b.add(z.adding("a", score: 1, .ifAbsent)), b.add(z.adding(contentsOf: ["b": 2, "c": 3])),
                    b.add(z.adding(contentsOf: [(4, "d")], ttl: .seconds(100))),
                    b.add(z.adding(contentsOf: [:])),
                    b.add(z.incrementing("a", by: 0.5)), b.add(z.decrementing("e"))
                )
            }
            #expect(added && many == 2 && pairs == 1 && none == 0 && up == 1.5 && down == -1)
            let (score, scores, isThere, rank, count, inRange) = try await pool.batch { b in
                (
                    b.add(z.scoring(of: "a")), b.add(z.scoringMany(["b", "x"])), b.add(z.containing("x")),
                    b.add(z.ranking(of: "a", from: .highest)), b.add(z.counting()),
                    b.add(z.counting(in: 2..<4))
                )
            }
            #expect(score == 1.5 && scores == [2, nil] && isThere == false)
            #expect(rank == 3 && count == 5 && inRange == 2)
            let (first, last, chosen, ranks, items, copy) = try await pool.batch { b in
                (
                    b.add(z.findingFirst()), b.add(z.findingLast()), b.add(z.choosing(2)),
                    b.add(z.listing(ranks: ...1, from: .highest)),
                    b.add(z.listing(in: 1..., offset: 1, limit: 2)), b.add(z.copying())
                )
            }
            #expect(first.map(listed) == "e -1.0")
            #expect(last.map(listed) == "d 4.0")
            #expect(chosen.count == 2)
            #expect(listed(ranks) == ["d 4.0", "c 3.0"])
            #expect(listed(items) == ["b 2.0", "c 3.0"])
            #expect(listed(copy) == ["e -1.0", "a 1.5", "b 2.0", "c 3.0", "d 4.0"])
            let (low, high, removed, byRank) = try await pool.transaction { t in
                (
                    t.add(z.poppingMin()), t.add(z.poppingMax()), t.add(z.removing("a")),
                    t.add(z.removing(ranks: 1..., from: .highest))
                )
            }
            #expect(low.map(listed) == "e -1.0")
            #expect(high.map(listed) == "d 4.0")
            #expect(removed && byRank == 1)
            let (byScore, lows, highs, rest) = try await pool.batch { b in
                (
                    b.add(z.removing(in: 100...)), b.add(z.poppingMin(0)), b.add(z.poppingMax(9)),
                    b.add(z.removing(contentsOf: ["x"]))
                )
            }
            #expect(byScore == 0 && lows.isEmpty && rest == 0)
            #expect(listed(highs) == ["c 3.0"])
        }
    }
}

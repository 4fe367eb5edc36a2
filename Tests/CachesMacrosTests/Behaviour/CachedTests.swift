import CachesMacros
import Testing

/// Each test has its own functions, and calls those of no other test.
@Suite("`@Cached` on real servers", .timeLimit(.minutes(10)))
struct CachedTests {
    @Test("A result is computed once, under the key of all parameters, and forgotten with it")
    func once() async throws {
        try await Servers.run {
            let cache = TextCache(1, "a.b", "en")
            try await cache.clear()
            for _ in 0..<3 { #expect(try await text(id: 1, "a.b") == "1 a.b en") }
            #expect(Calls.of("text") == 1)
            #expect(try await cache.get() == "1 a.b en")
            #expect(try await text(id: 1, "a", in: "b.en") == "1 a b.en")
            #expect(Calls.of("text") == 2)
            try await cache.clear()
            #expect(try await text(id: 1, "a.b", in: "en") == "1 a.b en")
            #expect(Calls.of("text") == 3)
        }
    }

    @Test("A function without parameters has the bare prefix")
    func noParameters() async throws {
        try await Servers.run {
            try await Cache<Int>(prefix: "macro-bare").clear()
            for _ in 0..<2 { #expect(try await bare() == 42) }
            #expect(Calls.of("bare") == 1)
            #expect(try await Cache<Int>(prefix: "macro-bare").get() == 42)
        }
    }

    @Test("Generic functions, opaque parameters and names that are Swift's own words")
    func parameters() async throws {
        try await Servers.run {
            try await NumberCache(4, prefix: "macro-generic").clear()
            for _ in 0..<2 { #expect(try await double(UInt8(4)) == 8) }
            #expect(Calls.of("double") == 1)
            #expect(try await NumberCache(4, prefix: "macro-generic").get() == 8)
            #expect(try await length(of: "abc") == 3)
            #expect(try await NumberCache("abc", prefix: "macro-some").get() == 3)
            #expect(try await word(default: 1, for: 2) == 3)
            #expect(try await NumberCache(1, 2, prefix: "macro-word").get() == 3)
        }
    }

    @Test("A function that calls itself computes each of its results once")
    func recursion() async throws {
        try await Servers.run {
            for number in 0...20 { try await NumberCache(number, prefix: "macro-fibonacci").clear() }
            #expect(try await fibonacci(20) == 6765)
            #expect(Calls.of("fibonacci") == 21)
        }
    }

    @Test("A result nil is kept, and computed once")
    func none() async throws {
        try await Servers.run {
            try await Cache<Int?>(1, prefix: "macro-none").clear()
            for _ in 0..<3 { #expect(try await find(id: 1) == nil) }
            #expect(Calls.of("find") == 1)
        }
    }

    @Test("An error is thrown and not kept")
    func failure() async throws {
        try await Servers.run {
            for _ in 0..<2 { await #expect(throws: Failure.self) { try await fail(id: 1) } }
            #expect(Calls.of("fail") == 2)
            let isKept = try await NumberCache(1, prefix: "macro-failing").exists()
            #expect(isKept == false)
        }
    }

    @Test("Prefix, ttl and the exception belong to the function")
    func ownOptions() async throws {
        try await Servers.run {
            let (kept, unwanted) = (
                TextCache("a", prefix: "macro-options"), TextCache("", prefix: "macro-options")
            )
            try await kept.clear()
            for _ in 0..<2 { #expect(try await options("a") == "a") }
            for _ in 0..<2 { #expect(try await options("") == "") }
            #expect(Calls.of("options") == 3)
            #expect(try await unwanted.exists() == false)
            guard case .time(let left) = try await kept.timeLeft() else {
                Issue.record("The value has no ttl.")
                return
            }
            #expect(left > .seconds(900))
        }
    }

    @Test("Each part of a template is escaped by itself, and parameters that it doesn't name are ignored")
    func template() async throws {
        try await Servers.run {
            let cache = NumberCache("{a.b}", "page-3", prefix: "macro-template")
            #expect(cache.key.text == "macro-template.{a%2Eb}.page-3")
            try await cache.clear()
            #expect(try await page(of: Team(id: "a.b"), number: 3, log: []) == 3)
            #expect(try await page(of: Team(id: "a.b"), number: 3, log: [1.5]) == 3)
            #expect(Calls.of("page") == 1)
            #expect(try await cache.get() == 3)
        }
    }

    @Test("Methods may name their self in the key, and static methods have a cache, too")
    func methods() async throws {
        try await Servers.run {
            try await TextCache("eu", 1, prefix: "macro-method").clear()
            try await TextCache("us", 1, prefix: "macro-method").clear()
            for _ in 0..<2 {
                #expect(try await Service().name(id: 1) == "eu 1")
                #expect(try await Service(region: "us").name(id: 1) == "us 1")
            }
            #expect(Calls.of("name") == 2)
            #expect(try await Service.twice(4) == 8)
            #expect(try await NumberCache(4, prefix: "macro-static").get() == 8)
        }
    }

    @Test("A computed property is cached by fetch")
    func property() async throws {
        try await Servers.run {
            try await TextCache("eu", prefix: "macro-property").clear()
            for _ in 0..<2 { #expect(try await Service().settings == "settings of eu") }
            #expect(Calls.of("settings") == 1)
        }
    }

    @Test("The body runs on the actor of its function")
    func actors() async throws {
        try await Servers.run {
            let (counter, model) = (Counter(), Model())
            try await NumberCache(1, prefix: "macro-actor").clear()
            try await NumberCache(1, prefix: "macro-main").clear()
            try await NumberCache(1, prefix: "macro-isolated").clear()
            for _ in 0..<2 {
                #expect(try await counter.next(id: 1) == 1)
                #expect(try await model.next(id: 1) == 1)
                #expect(try await next(1, on: counter) == 2)
            }
            #expect(await counter.count == 1)
            #expect(await model.count == 1)
            #expect(try await NumberCache(1, prefix: "macro-isolated").get() == 2)
        }
    }

    @Test("A local function may change the variables that it captures")
    func local() async throws {
        try await Servers.run {
            try await NumberCache(1, prefix: "macro-local").clear()
            var calls = 0
            @Cached(NumberCache.self, prefix: "macro-local")
            func next(_ id: Int) async throws -> Int {
                calls += 1
                return id + 1
            }
            let results = [try await next(1), try await next(1)]
            #expect(results == [2, 2])
            #expect(calls == 1)
        }
    }

    @Test("While the servers are out, results are computed")
    func down() async throws {
        let pool = try CachePool(["redis://127.0.0.1:1"])
        try await CachePool.$current.withValue(pool) {
            let results = [try await Service.twice(5), try await Service.twice(5)]
            #expect(results == [10, 10])
        }
        await pool.close()
    }
}

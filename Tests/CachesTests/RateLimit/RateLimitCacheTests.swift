import Caches
import CachesTesting
import TestSupport
import Testing

@Suite("Rate limits on real servers", .timeLimit(.minutes(10)))
struct RateLimitCacheTests {
    static let algorithms: [RateLimitCache.Algorithm] = [.fixedWindow, .slidingWindow]

    @Test(
        "A cost within the limit is allowed, and a refusal tells when", arguments: Servers.kinds, algorithms)
    func basics(on servers: Servers, _ algorithm: RateLimitCache.Algorithm) async throws {
        try await servers.run { _ in
            let limit = RateLimitCache(
                "basics", algorithm, limit: 3, per: .minutes(10), algorithm: algorithm, prefix: "rate",
                connection: servers.connection)
            try await limit.clear()
            let untouched = try await limit.peek()
            #expect(untouched.isAllowed)
            #expect(untouched.remaining == 3)
            #expect(untouched.retryAfter == nil)
            #expect(untouched.resetAfter == .zero)
            #expect(try await limit.exists() == false)
            for remaining in [2, 1, 0] {
                let decision = try await limit.consume()
                #expect(decision.isAllowed)
                #expect(decision.remaining == remaining)
                #expect(decision.retryAfter == nil)
                // A sliding window gives back up to a twentieth late.
                #expect((.seconds(500)...(.seconds(640))).contains(decision.resetAfter))
            }
            for _ in 1...3 {
                for decision in [try await limit.consume(), try await limit.peek()] {
                    #expect(decision.isAllowed == false)
                    #expect(decision.remaining == 0)
                    let wait = try #require(decision.retryAfter)
                    #expect((.seconds(500)...(.seconds(640))).contains(wait))
                    #expect((wait...(.seconds(640))).contains(decision.resetAfter))
                }
            }
            #expect(try await limit.isLeft(500...640))
            #expect(try await limit.clear())
            #expect(try await limit.consume().remaining == 2)
        }
    }

    @Test("A cost is consumed as a whole or not at all", arguments: Servers.kinds, algorithms)
    func costs(on servers: Servers, _ algorithm: RateLimitCache.Algorithm) async throws {
        try await servers.run { _ in
            let limit = RateLimitCache(
                "costs", algorithm, limit: 10, per: .hours(1), algorithm: algorithm, prefix: "rate",
                connection: servers.connection)
            try await limit.clear()
            #expect(try await limit.consume(0).isAllowed)
            #expect(try await limit.exists() == false)
            #expect(try await limit.consume(7).remaining == 3)
            let refused = try await limit.consume(4)
            #expect(refused.isAllowed == false)
            #expect(refused.remaining == 3)
            #expect(try await limit.peek(3).isAllowed)
            #expect(try await limit.peek(4).isAllowed == false)
            #expect(try await limit.consume(3).remaining == 0)
            #expect(try await limit.consume(0).isAllowed)
            #expect(try await limit.peek(0).isAllowed)
            try await limit.clear()
            #expect(try await limit.consume(10).remaining == 0)
        }
    }

    @Test("Consumption is given back when its window has passed", arguments: Servers.kinds, algorithms)
    func passing(on servers: Servers, _ algorithm: RateLimitCache.Algorithm) async throws {
        try await servers.run { _ in
            let limit = RateLimitCache(
                "passing", algorithm, limit: 2, per: .milliseconds(150), algorithm: algorithm, prefix: "rate",
                connection: servers.connection)
            try await limit.clear()
            #expect(try await limit.consume(2).remaining == 0)
            try await eventually { try await limit.consume(2).isAllowed }
            // Nothing is left behind.
            try await eventually { try await limit.exists() == false }
        }
    }

    @Test(
        "However many tasks on several pools ask, exactly the limit is allowed", arguments: Servers.kinds,
        algorithms)
    func concurrency(on servers: Servers, _ algorithm: RateLimitCache.Algorithm) async throws {
        try await servers.run { fleet in
            let key = CacheKey(prefix: "rate", "contended", algorithm)
            let allowed = try await withThrowingTaskGroup { group in
                for index in 0..<4 {
                    let limit = RateLimitCache(
                        key: key, limit: 137, per: .hours(10), algorithm: algorithm,
                        connection: servers.connection, on: try CachePool(patiently: fleet.dsns))
                    if index == 0 { try await limit.clear() }
                    for _ in 0..<100 {
                        group.addTask { try await limit.consume().isAllowed ? 1 : 0 }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(allowed == 137)
        }
    }

    @Test("A batch holds decisions", arguments: Servers.kinds)
    func batches(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let limits = (1...3).map {
                RateLimitCache(
                    "batch", $0, limit: $0, per: .hours(1), prefix: "rate", connection: servers.connection)
            }
            try await pool.batch { b in for limit in limits { b.clear(limit) } }
            let (one, two, three) = try await pool.batch { b in
                (b.add(limits[0].consuming()), b.add(limits[1].consuming(2)), b.add(limits[2].peeking(3)))
            }
            #expect([one.remaining, two.remaining, three.remaining] == [0, 0, 3])
            #expect(one.isAllowed && two.isAllowed && three.isAllowed)
            let failing = try await pool.batch { b in b.add(limits[0].consuming()) }
            #expect(failing.isAllowed == false)
        }
    }

    @Test("A value that is not a rate limit stays as it is", arguments: Servers.kinds, algorithms)
    func wrongType(on servers: Servers, _ algorithm: RateLimitCache.Algorithm) async throws {
        try await servers.run { _ in
            let limit = RateLimitCache(
                "wrong", algorithm, limit: 2, per: .hours(1), algorithm: algorithm, prefix: "rate",
                connection: servers.connection)
            let set = SetCache<Int>(key: limit.key, connection: servers.connection)
            try await set.clear()
            try await set.insert(1)
            for call in [limit.consume, limit.peek] {
                let error = await #expect(throws: CachesError.self) { try await call(1) }
                #expect(error?.code == .server("WRONGTYPE"))
                #expect(error?.advice?.contains(limit.key.text) == true)
            }
            #expect(try await set.copy() == [1])
            #expect(try await set.timeLeft() == .forever)
            try await set.clear()

            let text = limit.key.text
            let node = try #require(CachePool.current).node(for: text, connection: servers.connection)
            _ = try await node.send("HSET", text, "1", "1", "name", "al")
            for call in [limit.consume, limit.peek] {
                let error = await #expect(throws: CachesError.self) { try await call(1) }
                #expect(error?.code == .server("ERR"))
                #expect(error?.advice?.contains(text) == true)
            }
            #expect(try await node.send("HLEN", text).integer == 2)
            #expect(try await limit.timeLeft() == .forever)
        }
    }

    @Test(
        "While the node is out decisions throw, whatever the policy", arguments: [OutagePolicy.fail, .miss])
    func outage(policy: OutagePolicy) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let limit = RateLimitCache("out", limit: 2, per: .hours(1), outagePolicy: policy, on: pool)
            #expect(try await limit.consume().isAllowed)
            fleet.servers[0].kill()
            for call in [limit.consume, limit.peek] {
                let error = await #expect(throws: CachesError.self) { try await call(1) }
                #expect(error?.node == fleet.servers[0].name)
            }
            await pool.close()
        }
    }
}

extension RateLimitCache.Algorithm: KeyPart {
    public var keyPart: String { description }
}

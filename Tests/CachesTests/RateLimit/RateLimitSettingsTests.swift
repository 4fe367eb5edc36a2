import Caches
import CachesTesting
import Testing

@Suite("Settings of a rate limit", .timeLimit(.minutes(10)))
struct RateLimitSettingsTests {
    final class LoginLimit: RateLimitCache, @unchecked Sendable {
        override class var prefix: String { "login" }
        override class var limit: Int { 5 }
        override class var window: TTL { .minutes(1) }
        override class var algorithm: Algorithm { .fixedWindow }
    }

    @Test("A class sets limit, window and algorithm, and an object its own")
    func settings() throws {
        let pool = try CachePool(["redis://127.0.0.1:1"])
        let ofClass = LoginLimit("al", 7)
        #expect(ofClass.key.text == "login.al.7")
        #expect(ofClass.limit == 5)
        #expect(ofClass.window == .minutes(1))
        #expect(ofClass.ttl == .minutes(1))
        #expect(ofClass.algorithm == .fixedWindow)
        let own = LoginLimit(
            "a.b", limit: 7, per: .hours(2), algorithm: .slidingWindow, prefix: "mine", style: .plain,
            connection: "redis2", deadline: .seconds(3), outagePolicy: .miss, on: pool)
        #expect(own.key.text == "mine.a.b")
        #expect(own.limit == 7)
        #expect(own.window == .hours(2))
        #expect(own.ttl == .hours(2))
        #expect(own.algorithm == .slidingWindow)
        #expect(own.connection == "redis2")
        #expect(own.deadline == .seconds(3))
        #expect(own.outagePolicy == .miss)
        #expect(own.pool === pool)
        let plain = RateLimitCache("a", limit: 1, per: .seconds(1))
        #expect(plain.key.text == "RateLimitCache.a")
        #expect(plain.algorithm == .slidingWindow)
        #expect("\(plain.algorithm)" == "sliding window")
    }

    @Test(
        "Impossible limits, windows and costs are refused, and nothing is written",
        arguments: Servers.kinds)
    func badInput(on servers: Servers) async throws {
        final class Jittered: RateLimitCache, @unchecked Sendable {
            override class func normalize(ttl: TTL) -> TTL { .seconds(100, jitter: 0.1) }
        }
        try await servers.run { _ in
            func make(_ limit: Int?, _ window: TTL?) -> RateLimitCache {
                RateLimitCache(
                    "bad", limit: limit, per: window, prefix: "rate", connection: servers.connection)
            }
            let good = make(5, .hours(1))
            try await good.clear()
            let cases: [(RateLimitCache, Int)] =
                [nil, 0, -1, .min, .max, (1 << 53) + 1].map { (make($0, .hours(1)), 1) }
                + [
                    nil, .forever, .seconds(0), .seconds(-1), .seconds(.nan), .seconds(.infinity),
                    .days(1e12), .hours(1, jitter: 0.1),
                ].map { (make(5, $0), 1) }
                + [-1, 6, .min, .max].map { (good, $0) }
                + [(Jittered(key: good.key, limit: 5, per: .hours(1)), 1)]
            for (limit, cost) in cases {
                for call in [limit.consume, limit.peek] {
                    let error = await #expect(throws: CachesError.self) { try await call(cost) }
                    #expect(error?.code == .invalidArgument)
                    #expect(error?.advice != nil)
                }
            }
            for ttl in [TTL.forever, .seconds(5, jitter: 0.5)] {
                await #expect(throws: CachesError.self) { try await good.touch(ttl: ttl) }
            }
            #expect(try await good.exists() == false)
            let most = make(1 << 53, .days(100_000_000))
            #expect(try await most.consume((1 << 53) - 1).remaining == 1)
            #expect(try await most.consume().remaining == 0)
            #expect(try await most.consume().isAllowed == false)
            try await most.clear()
        }
    }

    @Test("A limit, a window and an algorithm can be changed while they are in use", arguments: Servers.kinds)
    func changes(on servers: Servers) async throws {
        try await servers.run { _ in
            func make(_ limit: Int, _ window: TTL, _ algorithm: RateLimitCache.Algorithm) -> RateLimitCache {
                RateLimitCache(
                    "changed", limit: limit, per: window, algorithm: algorithm, prefix: "rate",
                    connection: servers.connection)
            }
            let first = make(10, .hours(10), .slidingWindow)
            try await first.clear()
            #expect(try await first.consume(6).remaining == 4)
            let lower = try await make(5, .hours(10), .slidingWindow).consume()
            #expect(lower.isAllowed == false)
            #expect(lower.remaining == 0)
            #expect(lower.retryAfter.map { $0 > .seconds(35_000) } == true)
            #expect(try await make(12, .hours(10), .fixedWindow).consume(2).remaining == 4)
            // Consumption still counts for as long as the window in which it was consumed.
            let shorter = make(10, .seconds(10), .slidingWindow)
            #expect(try await shorter.consume().remaining == 1)
            #expect(try await shorter.isLeft(35_000...37_900))
            #expect(try await make(10, .seconds(10), .fixedWindow).consume().isAllowed)
            #expect(try await shorter.peek().remaining == 0)
            #expect(try await shorter.peek().resetAfter > .seconds(35_000))
        }
    }
}

import CachesTesting
import Testing

@testable import Caches

/// The behaviour of a rate limit in its plainest form: with a list of everything that was ever consumed.
private struct Model {
    let limit: Int
    let window: Int64
    let algorithm: RateLimitCache.Algorithm
    var log: [(time: Int64, cost: Int)] = []
    var windowEnd: Int64 = 0

    /// The time when consumption at a time is given back.
    func end(of time: Int64) -> Int64 {
        guard algorithm == .slidingWindow else { return windowEnd }
        let step = (window + 19) / 20
        return time - time % step + step + window
    }

    func used(at now: Int64) -> Int { log.filter { end(of: $0.time) > now }.reduce(0) { $0 + $1.cost } }

    mutating func consume(_ cost: Int, at now: Int64) -> Bool {
        if algorithm == .fixedWindow, now >= windowEnd { log = [] }
        guard used(at: now) + cost <= limit else { return false }
        guard cost > 0 else { return true }
        if algorithm == .fixedWindow, now >= windowEnd { windowEnd = now + window }
        log.append((now, cost))
        return true
    }
}

@Suite("Rate limits against a model of them", .timeLimit(.minutes(10)))
struct RateLimitModelTests {
    /// A run of requests at random times, with costs and a limit drawn at random too.
    struct Run: Sendable, CustomTestStringConvertible {
        let seed: UInt64
        let algorithm: RateLimitCache.Algorithm

        var testDescription: String { "\(algorithm) \(seed)" }

        static let all = [RateLimitCache.Algorithm.fixedWindow, .slidingWindow].flatMap { algorithm in
            (1...8).map { Run(seed: $0, algorithm: algorithm) }
        }
    }

    @Test("Random requests are decided as the model does", arguments: Run.all)
    func random(_ run: Run) async throws {
        try await Servers.three.run { _ in
            var random = SeededGenerator(state: run.seed)
            let window = Int64.random(in: 1_200_000...4_000_000, using: &random)
            var model = Model(
                limit: .random(in: 1...30, using: &random), window: window, algorithm: run.algorithm)
            let limit = RateLimitCache(
                "random", Int(run.seed), run.algorithm, limit: model.limit,
                per: .milliseconds(Double(window)),
                algorithm: run.algorithm, prefix: "rateModel")
            try await limit.clear()
            var now: Int64 = 1_800_000_000_000 + .random(in: 0...100_000, using: &random)
            for _ in 1...300 {
                now += .random(in: 0...(Bool.random(using: &random) ? window / 15 : 3), using: &random)
                // The key ends with its window in real time too: none is asked about in its last two minutes.
                if let end = model.log.map({ model.end(of: $0.time) }).max(), end - 120_000 < now {
                    now = max(now, end)
                }
                let cost = Int.random(in: 0...min(model.limit, 5), using: &random)
                let isAllowed = model.consume(cost, at: now)
                let decision = try await limit.run(limit.consumeCommand(cost, now: now))
                #expect(decision.isAllowed == isAllowed)
                #expect(decision.remaining == model.limit - model.used(at: now))
                try await check(decision, of: limit, cost, at: now)
            }
            // The bound that the documentation promises.
            let size = try await #require(CachePool.current).node(for: limit.key.text).send(
                "HLEN", limit.key.text)
            let fields = try #require(size.integer)
            #expect((1...(run.algorithm == .fixedWindow ? 1 : 21)).contains(fields))
            if run.algorithm == .slidingWindow { checkEveryWindow(model) }
        }
    }

    /// Expects that the cost is allowed, and everything is given back, at the time that the decision says,
    /// and not before.
    private func check(
        _ decision: RateLimitCache.Decision, of limit: RateLimitCache, _ cost: Int, at now: Int64
    ) async throws {
        func peek(_ cost: Int, after wait: Int64) async throws -> RateLimitCache.Decision {
            try await limit.run(limit.peekCommand(cost, now: now + wait))
        }
        if let retryAfter = decision.retryAfter {
            let wait = retryAfter.milliseconds
            #expect(try await peek(cost, after: wait).isAllowed)
            #expect(try await peek(cost, after: wait - 1).isAllowed == false)
        }
        let wait = decision.resetAfter.milliseconds
        #expect(try await peek(0, after: wait).remaining == limit.limit)
        if wait > 0 { #expect(try await peek(0, after: wait - 1).remaining < limit.limit) }
    }

    /// Expects that no window of time holds more than the limit, whenever it begins.
    private func checkEveryWindow(_ model: Model) {
        for (first, begin) in model.log.enumerated() {
            let inside = model.log[first...].prefix { $0.time - begin.time < model.window }
            #expect(inside.reduce(0) { $0 + $1.cost } <= model.limit)
        }
    }

    @Test("A fixed window begins with the first consumption, a sliding one moves")
    func windows() async throws {
        try await Servers.three.run { _ in
            let time: Int64 = 1_800_000_000_000
            func make(_ algorithm: RateLimitCache.Algorithm) -> RateLimitCache {
                RateLimitCache(
                    "windows", algorithm, limit: 2, per: .minutes(60), algorithm: algorithm,
                    prefix: "rateModel")
            }
            func consume(_ limit: RateLimitCache, atMinute minute: Int64) async throws -> Bool {
                try await limit.run(limit.consumeCommand(1, now: time + minute * 60_000)).isAllowed
            }
            let (fixed, sliding) = (make(.fixedWindow), make(.slidingWindow))
            for limit in [fixed, sliding] {
                try await limit.clear()
                #expect(try await consume(limit, atMinute: 7))
                #expect(try await consume(limit, atMinute: 66))
            }
            // Twice the limit in a few minutes, round the end of the window.
            for allowed in [true, true, false] { #expect(try await consume(fixed, atMinute: 67) == allowed) }
            // A step is 3 minutes: after the step of the first consumption, and a window, only that
            // consumption is given back.
            #expect(try await consume(sliding, atMinute: 68) == false)
            for allowed in [true, false] { #expect(try await consume(sliding, atMinute: 69) == allowed) }
        }
    }

    @Test("A clock that is set back only makes consumption count for longer")
    func clockSetBack() async throws {
        try await Servers.three.run { _ in
            let time: Int64 = 1_800_000_000_000
            for algorithm in [RateLimitCache.Algorithm.fixedWindow, .slidingWindow] {
                let limit = RateLimitCache(
                    "clock", algorithm, limit: 2, per: .minutes(60), algorithm: algorithm, prefix: "rateModel"
                )
                try await limit.clear()
                _ = try await limit.run(limit.consumeCommand(1, now: time))
                let decision = try await limit.run(limit.consumeCommand(1, now: time - 600_000))
                #expect(decision.remaining == 0)
                #expect((.minutes(70)...(.minutes(73))).contains(decision.resetAfter))
                let later = try await limit.run(limit.consumeCommand(2, now: time + 63 * 60_000))
                #expect(later.isAllowed)
            }
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { Int64((self / .milliseconds(1)).rounded()) }

    fileprivate static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
}

/// The same numbers again for the same seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

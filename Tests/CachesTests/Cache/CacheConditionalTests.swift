import CachesCluster
import CachesTesting
import TestSupport
import Testing

@testable import Caches

@Suite("Reads and writes with a condition", .timeLimit(.minutes(10)))
struct CacheConditionalTests {
    private struct Session: Codable, Equatable, Sendable {
        var user = 1
        var roles = ["a", "b"]
    }

    private static func cache(_ part: String, ttl: TTL = .seconds(100)) -> Cache<Session> {
        Cache<Session>(part, prefix: "conditional", ttl: ttl, connection: Servers.connection)
    }

    @Test(
        "A value is stored if there is none, with its ttl, and one that is there stays",
        arguments: Servers.kinds)
    func ifAbsent(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Self.cache("absent")
            try await cache.clear()
            #expect(try await cache.setIfAbsent(Session(user: 1)))
            #expect(try await cache.timeLeft().isWithin(100))
            #expect(try await cache.setIfAbsent(Session(user: 2), ttl: .seconds(900)) == false)
            #expect(try await cache.get() == Session(user: 1))
            #expect(try await cache.timeLeft().isWithin(100))
            try await cache.clear()
            #expect(try await cache.setIfAbsent(Session(user: 3), ttl: .forever))
            #expect(try await cache.timeLeft() == .forever)
        }
    }

    @Test("A value keeps the ttl of its key, and a new key gets the class's", arguments: Servers.kinds)
    func keepingTTL(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Self.cache("keeping")
            try await cache.clear()
            try await cache.set(keepingTTL: Session(user: 1))
            #expect(try await cache.timeLeft().isWithin(100))
            try await cache.set(Session(user: 2), ttl: .seconds(5000))
            try await cache.set(keepingTTL: Session(user: 3))
            #expect(try await cache.timeLeft().isWithin(5000, above: 1000))
            #expect(try await cache.get() == Session(user: 3))
            try await cache.set(Session(user: 4), ttl: .forever)
            try await cache.set(keepingTTL: Session(user: 5))
            #expect(try await cache.timeLeft() == .forever)
            let lasting = Self.cache("lasting", ttl: .forever)
            try await lasting.clear()
            try await lasting.set(keepingTTL: Session())
            #expect(try await lasting.timeLeft() == .forever)
        }
    }

    @Test("Of many callers one takes the value", arguments: Servers.kinds)
    func takes(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Self.cache("taken")
            try await cache.set(Session(user: 7))
            let taken = try await withThrowingTaskGroup(of: Session?.self) { group in
                for _ in 0..<20 { group.addTask { try await Self.cache("taken").getAndClear() } }
                return try await group.reduce(into: [Session]()) { if let one = $1 { $0.append(one) } }
            }
            #expect(taken == [Session(user: 7)])
            #expect(try await cache.exists() == false)
            #expect(try await cache.getAndClear() == nil)
        }
    }

    @Test("A value comes with its time left", arguments: Servers.kinds)
    func timeLeft(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Self.cache("timed")
            try await cache.clear()
            #expect(try await cache.getWithTimeLeft() == nil)
            try await cache.set(Session())
            let found = try #require(try await cache.getWithTimeLeft())
            #expect(found.value == Session() && found.timeLeft.isWithin(100))
            try await cache.touch(ttl: .forever)
            #expect(try await cache.getWithTimeLeft()?.timeLeft == .forever)
        }
    }

    @Test("Callers with values of their own agree on one", arguments: Servers.kinds)
    func agrees(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Self.cache("agreed")
            try await cache.clear()
            let values = try await withThrowingTaskGroup(of: Session.self) { group in
                for user in 0..<20 {
                    group.addTask { try await Self.cache("agreed").getOrSet(Session(user: user)) }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1.user) }
            }
            #expect(values.count == 1)
            #expect(try await cache.get()?.user == values.first)
            #expect(try await cache.timeLeft().isWithin(100))
            #expect(try await cache.getOrSet(Session(user: 99), ttl: .forever).user == values.first)
            #expect(try await cache.timeLeft().isWithin(100))
        }
    }

    @Test(
        "A value is replaced if it is the expected one, and of many callers one does",
        arguments: Servers.kinds)
    func compares(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Self.cache("compared")
            try await cache.clear()
            #expect(try await cache.compareAndSet(Session(user: 1), to: Session(user: 2)) == false)
            #expect(try await cache.compareAndSet(nil, to: Session(user: 0)))
            #expect(try await cache.compareAndSet(nil, to: Session(user: 5)) == false)
            // Each adds one, however often it has to try.
            try await withThrowingTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        let cache = Self.cache("compared")
                        while true {
                            let old = try #require(try await cache.get())
                            let new = Session(user: old.user + 1)
                            if try await cache.compareAndSet(old, to: new) { return }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await cache.get() == Session(user: 10))
            #expect(try await cache.timeLeft().isWithin(100))
        }
    }

    @Test("They are operations of batches and transactions")
    func batches() async throws {
        try await Servers.three.run { _ in
            let pool = try #require(CachePool.current)
            let cache = Cache<Int>("batched", prefix: "conditional", ttl: .seconds(100))
            try await cache.clear()
            let first = try await pool.batch { b in
                (b.add(cache.settingIfAbsent(1)), b.add(cache.gettingOrSetting(2)))
            }
            #expect(first.0 && first.1 == 1)
            let second = try await pool.transaction { t in
                (
                    t.add(cache.comparingAndSetting(1, to: 3)), t.add(cache.gettingWithTimeLeft()),
                    t.add(cache.gettingAndClearing())
                )
            }
            #expect(second.0 && second.1?.value == 3 && second.2 == 3)
            _ = try await pool.batch { $0.add(cache.setting(keepingTTL: 4)) }
            #expect(try await cache.get() == 4)
        }
    }

    @Test(
        "Other types at the key are errors, and other values are misses, or errors where they would be replaced"
    )
    func otherValues() async throws {
        try await Servers.one.run { _ in
            let text = Cache<String>("other", prefix: "conditional")
            let number = Cache<Int>("other", prefix: "conditional")
            try await text.set("no number")
            let before = CacheCounters.undecodable
            #expect(try await number.getWithTimeLeft() == nil)
            #expect(CacheCounters.undecodable > before)
            let error = await #expect(throws: CachesError.self) { try await number.getOrSet(1) }
            #expect(error?.code == .decoding)
            #expect(try await number.setIfAbsent(1) == false)
            #expect(try await text.get() == "no number")
            #expect(try await number.getAndClear() == nil)
            #expect(try await text.exists() == false)
            let set = SetCache<Int>("other", prefix: "conditional")
            try await set.insert(1)
            let calls: [@Sendable () async throws -> Void] = [
                { _ = try await number.getWithTimeLeft() }, { try await number.getAndClear() },
                { try await number.getOrSet(1) }, { _ = try await number.compareAndSet(1, to: 2) },
            ]
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .server("WRONGTYPE"))
            }
            #expect(try await set.count == 1)
        }
    }

    @Test("While the node is out, writes that must be told fail, others are dropped, and reads find nothing")
    func outage() async throws {
        try await withLocalFleet(nodes: 3, options: LocalServer.Options(keepsData: true)) { fleet in
            var configuration = try PoolConfiguration(dsns: fleet.dsns).patient
            configuration.health.retryCap = .milliseconds(500)
            let pool = try CachePool(configuration)
            let node = try pool.nodes[0]
            let part = try #require(
                try (0..<100).first {
                    try pool.node(for: Cache<Int>.key(prefix: "out", $0).text).name == node.name
                })
            let cache = Cache<Int>(part, prefix: "out", on: pool)
            try await cache.set(1)
            fleet.servers[0].kill()
            try await eventually {
                _ = try? await cache.get()
                return node.isOut
            }
            #expect(try await cache.getWithTimeLeft() == nil)
            #expect(try await cache.getOrSet(2) == 2)
            try await cache.set(keepingTTL: 3)
            for call in [
                { _ = try await cache.setIfAbsent(4) }, { _ = try await cache.getAndClear() },
                { _ = try await cache.compareAndSet(1, to: 5) },
            ] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.isOutage == true)
            }
            // What was dropped was noted: the value of before is not read when the node is back.
            try await fleet.servers[0].restart(.itsData)
            try await eventually { !node.isOut }
            #expect(try await cache.get() != 1)
            await pool.close()
        }
    }
}

extension TimeLeft {
    /// Whether it is a time of at most so many seconds.
    fileprivate func isWithin(_ seconds: Int, above least: Int = 0) -> Bool {
        guard case .time(let time) = self else { return false }
        return time > .seconds(least) && time <= .seconds(seconds)
    }
}

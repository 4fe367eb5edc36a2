import Caches
import CachesTesting
import TestSupport
import Testing

@Suite("Calls while a node is out", .timeLimit(.minutes(10)), .serialized)
struct OutagePolicyTests {
    @Test("By default they throw, and say which node it is")
    func fail() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            fleet.servers[0].kill()
            let cache = Cache<Int>("a", on: pool)
            for call in [cache.get, cache.getOrThrow] {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.node == fleet.servers[0].name)
            }
            await #expect(throws: CachesError.self) { try await cache.set(1) }
            await pool.close()
        }
    }

    @Test("If calls are to miss, reads find nothing, and writes are dropped and counted")
    func miss() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            fleet.servers[0].kill()
            let cache = Cache<Int>("a", outagePolicy: .miss, on: pool)
            let set = SetCache<Int>("b", outagePolicy: .miss, on: pool)

            let missed = CacheCounters.missed
            #expect(try await cache.get() == nil)
            #expect(try await cache.getOrThrow() == nil)
            #expect(try await cache.exists() == false)
            #expect(try await cache.timeLeft() == .missing)
            #expect(try await set.contains(1) == false)
            #expect(try await set.containsMany([1, 2]) == [false, false])
            #expect(try await set.count == 0)
            #expect(try await set.copy() == [])
            for try await _ in set.elements { Issue.record("an element of nowhere") }
            let batched = try await pool.batch { b in b.get(cache) }
            #expect(batched == nil)
            #expect(CacheCounters.missed >= missed + 10)

            let dropped = CacheCounters.dropped
            try await cache.set(1)
            try await cache.clear()
            #expect(try await set.insert(1) == false)
            #expect(try await set.remove(1) == false)
            try await pool.batch { b in b.set(cache, 1) }
            #expect(CacheCounters.dropped >= dropped + 5)
            await pool.close()
        }
    }

    @Test("Many at once miss too")
    func missMany() async throws {
        final class Missing: Cache<Int>, @unchecked Sendable {
            override class var outagePolicy: OutagePolicy { .miss }
        }
        try await withLocalFleet(nodes: 2) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            try await pool.batch { b in for id in 0..<20 { b.set(Missing(id), id) } }
            fleet.servers[0].kill()
            let values = try await Missing.getMany(0..<20, on: pool)
            for id in 0..<20 {
                let isDown = try pool.node(for: Missing(id).key.text).name == fleet.servers[0].name
                #expect(values[id] == (isDown ? nil : id))
            }
            let dropped = CacheCounters.dropped
            let down = values.count { $0 == nil }
            try await Missing.setMany((0..<20).map { ($0, -$0) }, on: pool)
            #expect(CacheCounters.dropped >= dropped + down)
            #expect(try await Missing.getMany(0..<20, on: pool) == values.map { $0.map { -$0 } })
            await pool.close()
        }
    }

    @Test("A call that has no true answer without its node still throws")
    func noAnswer() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            fleet.servers[0].kill()
            let counter = Cache<Int>("a", outagePolicy: .miss, on: pool)
            let set = SetCache<Int>("b", outagePolicy: .miss, on: pool)
            await #expect(throws: CachesError.self) { try await counter.increment() }
            await #expect(throws: CachesError.self) { try await set.pop() }
            await pool.close()
        }
    }

    @Test("An answer of a server is not an outage: an error stays an error")
    func answers() async throws {
        try await Servers.one.run { _ in
            let set = SetCache<Int>("answers", prefix: "outage", outagePolicy: .miss)
            try await Cache<Int>(key: set.key).set(1)
            let error = await #expect(throws: CachesError.self) { try await set.contains(1) }
            #expect(error?.code == .server("WRONGTYPE"))
        }
        let options = LocalServer.Options(access: .user("app", password: "x", rules: "~* &* +@all -get"))
        try await withLocalFleet(nodes: 1, options: options) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let cache = Cache<Int>("a", outagePolicy: .miss, on: pool)
            let error = await #expect(throws: CachesError.self) { try await cache.get() }
            #expect(error?.message.contains("NOPERM") == true)
            await pool.close()
        }
    }
}

import CachesTesting
import TestSupport
import Testing

@testable import Caches

@Suite("Dictionaries in batches, and while a node is out", .timeLimit(.minutes(10)))
struct DictCacheBatchTests {
    @Test("Every operation has its place in a batch", arguments: Servers.kinds)
    func batch(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let dict = DictCache<String, Int>("batch", prefix: "dictBatch", connection: servers.connection)
            let sums = DictCache<String, Double>("sums", prefix: "dictBatch", connection: servers.connection)
            try await pool.batch { b in
                b.clear(dict)
                b.clear(sums)
            }
            let (set, absent, updated, merged, up, down, sum) = try await pool.batch { b in
                (
                    b.add(dict.setting("a", to: 1, ttl: .seconds(100))),
                    b.add(dict.settingIfAbsent("a", to: 2)),
                    b.add(dict.updating(with: ["b": 2, "c": 3])),
                    b.add(dict.merging(["c": 4, "d": 5], keeping: .current)),
                    b.add(dict.incrementing("a", by: 10)), b.add(dict.decrementing("b")),
                    b.add(sums.incrementing("a", by: 0.5))
                )
            }
            #expect(set && !absent)
            #expect((updated, merged) == (2, 1))
            #expect((up, down) == (11, 1))
            #expect(sum == 0.5)
            #expect(try await dict.isLeft(90...100))

            let (got, many, contains, count, random, copy) = try await pool.batch { b in
                (
                    b.add(dict.getting("a")), b.add(dict.gettingMany(["d", "x"])),
                    b.add(dict.containing("c")), b.add(dict.counting()),
                    b.add(dict.choosing()), b.add(dict.copying())
                )
            }
            #expect(got == 11)
            #expect(many == [5, nil])
            #expect(contains)
            #expect(count == 4)
            #expect(copy == ["a": 11, "b": 1, "c": 3, "d": 5])
            #expect(random.map { copy[$0.field] == $0.value } == true)

            let (removed, both, popped, pair) = try await pool.batch { b in
                (
                    b.add(dict.removing("a")), b.add(dict.removing(contentsOf: ["b", "x"])),
                    b.add(dict.popping("c")),
                    b.add(dict.poppingRandom())
                )
            }
            #expect(removed)
            #expect(both == 1)
            #expect(popped == 3)
            #expect(pair?.field == "d")
            #expect(pair?.value == 5)
            #expect(try await dict.exists() == false)
        }
    }

    @Test("An operation whose result differs the second time, and matters, is never sent twice")
    func sentOnce() throws {
        let dict = DictCache<String, Int>("once")
        let sums = DictCache<String, Double>("once")
        let pair = CollectionOfOne(("a", 1))
        for ttl in [TTL.forever, .seconds(100)] {
            #expect(try dict.settingIfAbsent("a", to: 1, ttl: ttl).command.get().idempotent == false)
            #expect(try dict.incrementing("a", by: 1, ttl: ttl).command.get().idempotent == false)
            #expect(try dict.decrementing("a", by: 1, ttl: ttl).command.get().idempotent == false)
            #expect(try sums.incrementing("a", by: 1, ttl: ttl).command.get().idempotent == false)
            #expect(try dict.merging(pair, keeping: .current, ttl: ttl).command.get().idempotent)
            #expect(try dict.updating(with: pair, ttl: ttl).command.get().idempotent)
        }
        #expect(try dict.popping("a").command.get().idempotent == false)
        #expect(try dict.poppingRandom().command.get().idempotent == false)
        #expect(try dict.removing(contentsOf: ["a"]).command.get().idempotent)
    }

    @Test("If calls may miss, reads find nothing and writes are dropped; operations without an answer throw")
    func outage() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            fleet.servers[0].kill()
            let dict = DictCache<String, Int>("a", outagePolicy: .miss, on: pool)
            let sums = DictCache<String, Double>("b", outagePolicy: .miss, on: pool)

            let missed = CacheCounters.missed
            #expect(try await dict["a"] == nil)
            #expect(try await dict.getOrThrow("a") == nil)
            #expect(try await dict.getMany(["a", "b"]) == [nil, nil])
            #expect(try await dict.contains("a") == false)
            #expect(try await dict.count == 0)
            #expect(try await dict.random() == nil)
            #expect(try await dict.copy() == [:])
            for try await _ in dict.items { Issue.record("an item of nowhere") }
            #expect(CacheCounters.missed >= missed + 8)

            let dropped = CacheCounters.dropped
            #expect(try await dict.set("a", to: 1) == false)
            #expect(try await dict.setIfAbsent("a", to: 1) == false)
            #expect(try await dict.setIfAbsent("a", to: 1, ttl: .seconds(1)) == false)
            #expect(try await dict.update(with: ["a": 1]) == 0)
            #expect(try await dict.merge(["a": 1], keeping: .current) == 0)
            #expect(try await dict.remove("a") == false)
            #expect(CacheCounters.dropped >= dropped + 6)

            await #expect(throws: CachesError.self) { try await dict.increment("a") }
            await #expect(throws: CachesError.self) { try await sums.increment("a", by: 1) }
            await #expect(throws: CachesError.self) { try await dict.pop("a") }
            await #expect(throws: CachesError.self) { try await dict.popRandom() }
            await pool.close()
        }
    }
}

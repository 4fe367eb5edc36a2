import Caches
import CachesTesting
import TestSupport
import Testing

@Suite("Many pairs of a dictionary at once", .timeLimit(.minutes(10)))
struct DictCacheMergingTests {
    @Test(
        "An update tells how many fields were new, with a ttl and without", arguments: Servers.kinds,
        [TTL.forever, .seconds(100)])
    func update(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let dict = dictionary("update", ttl, on: servers)
            try await dict.clear()
            #expect(try await dict.update(with: ["a": 1, "b": 2]) == 2)
            #expect(try await dict.update(with: ["b": 3, "c": 4]) == 1)
            #expect(try await dict.copy() == ["a": 1, "b": 3, "c": 4])
            // Any sequence of pairs; of equal fields, the last counts.
            #expect(try await dict.update(with: [("d", 5), ("d", 6)]) == 1)
            #expect(try await dict.update(with: zip(["a", "e"], 7...)) == 1)
            #expect(try await dict.copy() == ["a": 7, "b": 3, "c": 4, "d": 6, "e": 8])
        }
    }

    @Test(
        "A merge keeps the current values or the new", arguments: Servers.kinds, [TTL.forever, .seconds(100)])
    func merge(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let dict = dictionary("merge", ttl, on: servers)
            try await dict.clear()
            try await dict.update(with: ["a": 1, "b": 2])
            #expect(try await dict.merge(["a": 3, "c": 4], keeping: .current) == 1)
            #expect(try await dict.copy() == ["a": 1, "b": 2, "c": 4])
            #expect(try await dict.merge([("d", 5), ("d", 6)], keeping: .current) == 1)
            #expect(try await dict["d"] == 5)
            #expect(try await dict.merge(["a": 3, "e": 7], keeping: .new) == 1)
            #expect(try await dict.merge([("b", 8)], keeping: .new) == 0)
            #expect(try await dict.copy() == ["a": 3, "b": 8, "c": 4, "d": 5, "e": 7])
        }
    }

    @Test("An update without pairs does nothing, and sends nothing")
    func empty() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let dict = DictCache<String, Int>("empty", prefix: "dict", ttl: .seconds(100), on: pool)
            try await dict.set("a", to: 1)
            // A call that sends nothing can't fail.
            fleet.servers[0].kill()
            #expect(try await dict.update(with: [:]) == 0)
            #expect(try await dict.update(with: []) == 0)
            #expect(try await dict.merge([:], keeping: .current) == 0)
            #expect(try await dict.merge([], keeping: .new) == 0)
            #expect(try await dict.remove(contentsOf: []) == 0)
            #expect(try await dict.getMany([]) == [])
            let (updated, merged) = try await pool.batch { b in
                (b.add(dict.updating(with: [:])), b.add(dict.merging([:], keeping: .current)))
            }
            #expect(updated == 0 && merged == 0)
            await pool.close()
        }
    }

    @Test(
        "More pairs than a script can pass to one call stay pairs", arguments: Servers.kinds,
        [MergePolicy.new, .current])
    func many(on servers: Servers, keeping kept: MergePolicy) async throws {
        try await servers.run { _ in
            let dict = DictCache<Int, Int>(
                "\(kept)", prefix: "dictMany", ttl: .seconds(100), connection: servers.connection)
            let pairs = Dictionary(uniqueKeysWithValues: (0..<20_001).map { ($0, -$0) })
            try await dict.clear()
            #expect(try await dict.merge(pairs, keeping: kept) == 20_001)
            #expect(try await dict.copy() == pairs)
            #expect(try await dict.isLeft(90...100))
        }
    }

    @Test("A server that takes no command of so many words: the error says how many it takes")
    func oldServer() async throws {
        let server = try ScriptedServer([
            .answerUntil("HSET"), .send("-ERR Protocol error: invalid multibulk length\r\n"),
        ])
        let pool = try CachePool(patiently: [server.dsn()])
        let dict = DictCache<String, Int>("old", prefix: "dict", on: pool)
        let error = await #expect(throws: CachesError.self) { try await dict.update(with: ["a": 1]) }
        #expect(error?.code == .server("ERR"))
        #expect(error?.advice?.contains("1 048 576") == true)
        await pool.close()
        server.stop()
    }

    private func dictionary(_ name: String, _ ttl: TTL, on servers: Servers) -> DictCache<String, Int> {
        DictCache(
            name, ttl == .forever ? "forever" : "ttl", prefix: "dict", ttl: ttl,
            connection: servers.connection)
    }
}

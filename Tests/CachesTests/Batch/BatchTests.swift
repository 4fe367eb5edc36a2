import Caches
import CachesTesting
import Testing

@Suite("Batches on real servers", .timeLimit(.minutes(10)))
struct BatchTests {
    @Test("Operations of any classes on any nodes, with typed results", arguments: Servers.kinds)
    func mixed(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let name = Cache<String>("name", prefix: "batch", connection: servers.connection)
            let hits = Cache<Int>("hits", prefix: "batch", connection: servers.connection)
            let seen = SetCache<Int>("seen", prefix: "batch", connection: servers.connection)
            try await pool.batch { b in
                b.clear(hits)
                b.clear(seen)
                b.set(name, "al")
            }
            let (got, count, inserted, missing) = try await pool.batch { b in
                (b.get(name), b.increment(hits, by: 3), b.insert(seen, 1), b.contains(seen, 2))
            }
            #expect(got == "al")
            #expect(count == 3)
            #expect(inserted)
            #expect(missing == false)
        }
    }
}

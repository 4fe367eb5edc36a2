import CachesTesting
import Testing

@testable import Caches

@Suite("Keys of a class: globs and explanations")
struct KeyspaceTests {
    final class KeyspaceUser: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "keyspace*user" }
        override class var ttl: TTL { .hours(1) }
    }

    final class Jittered: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "keyspace.jittered" }
        override class var ttl: TTL { .hours(1, jitter: 0.5) }
    }

    @Test("A glob of a class is its prefix and parts, escaped, and the pattern after them")
    func globs() {
        #expect(KeyspaceUser.glob().pattern == #"keyspace\*user.*"#)
        #expect(KeyspaceUser.glob("a.b", 1).pattern == #"keyspace\*user.a%2Eb.1.*"#)
        #expect(KeyspaceUser.glob("[a]", prefix: "p", style: .plain).pattern == #"p.\[a].*"#)
        #expect(Cache<Int>.glob("a", prefix: "").pattern == "a.*")
    }

    @Test("A glob that would mean every key is refused")
    func nothing() async throws {
        try await Servers.one.run { _ in
            let pool = try #require(CachePool.current)
            // String(repeating:count:) takes ten seconds for it.
            let tooLong = String(
                decoding: [UInt8](repeating: UInt8(ascii: "x"), count: 512 << 20), as: UTF8.self)
            for glob in [Cache<Int>.glob(prefix: ""), Cache<Int>.glob(tooLong, prefix: "")] {
                #expect(glob.pattern.isEmpty)
                let error = await #expect(throws: CachesError.self) {
                    _ = try await pool.clear(matching: glob)
                }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test("Clearing by a class's glob leaves keys that only begin alike", arguments: Servers.kinds)
    func clear(servers: Servers) async throws {
        try await servers.run { _ in
            let connection = servers.connection
            func cache(_ parts: String..., prefix: String = "keyspace*user") -> Cache<String> {
                let key = ([prefix] + parts).joined(separator: ".")
                return Cache<String>(key: CacheKey(prefix: key), connection: connection)
            }
            let below = [cache("org", "1"), cache("org", "2"), cache("org", "")]
            let others = [
                cache(), cache("org"), cache("org2", "1"), cache("org", "1", prefix: "keyspace*users"),
                cache("org", "1", prefix: "keyspaceXuser"),
            ]
            for cache in below + others { try await cache.set("x") }
            let pool = try #require(CachePool.current)
            let glob = KeyspaceUser.glob("org")
            let found = try await pool.keys(matching: glob, connection: connection)
                .reduce(into: Set()) { $0.insert($1) }
            #expect(found == Set(below.map(\.key.text)))
            #expect(try await pool.clear(matching: glob, connection: connection).get() == 3)
            for cache in below { #expect(try await !cache.exists()) }
            for cache in others { #expect(try await cache.clear()) }
        }
    }

    @Test("A cache is explained, with the age that follows from its class's ttl", arguments: Servers.kinds)
    func explained(servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let cache = KeyspaceUser(servers.rawValue, connection: servers.connection)
            try await cache.set("Ada")
            let told = try await cache.explain()
            #expect(told.key == cache.key.text)
            #expect(try told.node == pool.node(for: cache.key.text, connection: servers.connection).name)
            // A cluster is one place to the pool.
            let places = try servers == .clusterTLS ? 1 : pool.nodes(connection: servers.connection).count
            #expect(told.order.count == places)
            #expect(told.type == "string")
            #expect(try #require(told.age) < .seconds(600))
            #expect("\(told)".contains("\n  age          "))

            try await cache.touch(ttl: .minutes(20))
            let touched = try #require(try await cache.explain().age)
            #expect((.seconds(2400)...(.seconds(3000))).contains(touched))
            try await cache.touch(ttl: .hours(2))
            #expect(try await cache.explain().age == nil)
            try await cache.touch(ttl: .forever)
            #expect(try await cache.explain().age == nil)
            try await cache.clear()
            let missing = try await cache.explain()
            #expect(missing.isMissing && missing.age == nil)
        }
    }

    @Test("A ttl with jitter gives no age away")
    func jittered() async throws {
        try await Servers.one.run { _ in
            let cache = Jittered(1)
            try await cache.set("x")
            #expect(try await cache.explain().age == nil)
            try await cache.clear()
        }
    }

    @Test("An empty key is refused")
    func empty() async throws {
        try await Servers.one.run { _ in
            let cache = Cache<Int>(prefix: "")
            let error = await #expect(throws: CachesError.self) { _ = try await cache.explain() }
            #expect(error?.code == .invalidArgument)
        }
    }
}

import CachesTesting
import TestSupport
import Testing

@testable import Caches

// The tests of this folder are the behaviour of the Python package `caches` 3.0.0, line by line, as this
// library has it, and its flaws, which this library doesn't have.

@Suite("The original: construction and keys", .timeLimit(.minutes(10)))
struct OriginalKeyTests {
    @Test("Making a cache object does no I/O at all")
    func noIO() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let caches = [
                Cache<Int>("a", on: pool), DictCache<String, Int>("a", on: pool),
                SetCache<Int>("a", on: pool), SortedSetCache<Int>("a", on: pool),
                SentinelCache("a", on: pool),
            ]
            // No client has connected yet.
            let node = try pool.nodes[0]
            #expect(node.session == nil)
            for cache in caches { #expect(try await cache.exists() == false) }
            #expect(node.session != nil)
            await pool.close()
        }
    }

    @Test("Prefix and parts are joined by dots; empty parts are dropped in the plain style")
    func joined() {
        #expect(Cache<Int>("foo", "bar").key.text == "Cache.foo.bar")
        #expect(Cache<Int>(1, prefix: "prefix").key.text == "prefix.1")
        #expect(Cache<Int>("foo", "", "bar", style: .plain).key.text == "Cache.foo.bar")
    }

    @Test("A subclass without a prefix begins its keys with its own name")
    func className() {
        final class Mine: DictCache<String, Int>, @unchecked Sendable {}
        #expect(Mine("a").key.text == "Mine.a")
        #expect(SortedSetCache<Int>("a").key.text == "SortedSetCache.a")
    }

    @Test("No key and a prefix: the bare prefix. No key and no prefix: an error")
    func noKey() async throws {
        #expect(Cache<Int>(prefix: "single").key.text == "single")
        let error = await #expect(throws: CachesError.self) { try await Cache<Int>(prefix: "").get() }
        #expect(error?.code == .invalidArgument)
    }

    @Test("Settings of a class may each be given to an instance", arguments: Servers.kinds)
    func settings(on servers: Servers) async throws {
        final class Settled: SetCache<String>, @unchecked Sendable {
            override class var prefix: String { "settled" }
            override class var ttl: TTL { .seconds(100) }
        }
        try await servers.run { _ async throws in
            let ofClass = Settled("a", connection: servers.connection)
            let own = Settled("a", prefix: "own", ttl: .seconds(1000), connection: servers.connection)
            try await ofClass.insert("x")
            try await own.insert("x")
            #expect(try await ofClass.isLeft(90...100))
            #expect(try await own.isLeft(900...1000))
            #expect(own.key.text == "own.a")
        }
    }
}

import Testing

@testable import Caches

@Suite("Settings of a cache")
struct CacheSettingsTests {
    final class Plain: Cache<Int>, @unchecked Sendable {}

    final class Own: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "own" }
        override class var keyStyle: KeyStyle { .plain }
        override class var ttl: TTL { .seconds(5) }
        override class var connection: ConnectionName { "redis2" }
        override class var coder: any CacheCoder { Reversing() }
        override class var deadline: Duration? { .milliseconds(50) }
        override class var outagePolicy: OutagePolicy { .miss }
    }

    /// A class that takes the parts of its key by its own labels.
    final class ByUser: Cache<Int>, @unchecked Sendable {
        convenience init(user: User) { self.init("user", user.id) }
    }

    @Test("A class begins its keys with its own name, without module and generic arguments")
    func names() {
        #expect(Plain("a").key.text == "Plain.a")
        #expect(Plain().key.text == "Plain")
        #expect(Cache<Int>("home").key.text == "Cache.home")
        #expect(Cache<[String: [Int]]>("home").key.text == "Cache.home")
        final class Local: Cache<Int>, @unchecked Sendable {}
        #expect(Local("a").key.text == "Local.a")
        #expect(ByUser(user: User(id: 7, name: "al")).key.text == "ByUser.user.7")
    }

    @Test("A class without settings has the defaults")
    func defaults() {
        let cache = Plain("a")
        #expect(cache.ttl == .forever)
        #expect(cache.connection == .sharded)
        #expect(cache.coder is StandardCoder)
        #expect(cache.deadline == nil)
        #expect(cache.outagePolicy == .gutter)
        #expect(Plain.keyStyle == .escaped)
    }

    @Test("A class sets what it overrides")
    func overrides() {
        let cache = Own("a.b", "", 1)
        #expect(cache.key.text == "own.a.b.1")
        #expect(cache.ttl == .seconds(5))
        #expect(cache.connection == "redis2")
        #expect(cache.coder is Reversing)
        #expect(cache.deadline == .milliseconds(50))
        #expect(cache.outagePolicy == .miss)
    }

    @Test("An object's own settings win over those of its class")
    func own() throws {
        let pool = try CachePool(["redis://127.0.0.1:1"])
        let cache = Own(
            "a.b", prefix: "mine", style: .escaped, ttl: .forever, connection: "redis3",
            coder: StandardCoder(), deadline: .seconds(2), outagePolicy: .fail, on: pool)
        #expect(cache.key.text == "mine.a%2Eb")
        #expect(cache.ttl == .forever)
        #expect(cache.connection == "redis3")
        #expect(cache.coder is StandardCoder)
        #expect(cache.deadline == .seconds(2))
        #expect(cache.outagePolicy == .fail)
        #expect(cache.pool === pool)
        #expect(Own(key: CacheKey(prefix: "whole.key")).key.text == "whole.key")
    }

    @Test("A cache uses its own pool, otherwise the task's, otherwise the shared one")
    func pools() throws {
        let (own, current) = (try CachePool(["redis://127.0.0.1:1"]), try CachePool(["redis://127.0.0.1:2"]))
        #expect(Plain("a").pool === CachePool.shared)
        CachePool.$current.withValue(current) {
            #expect(Plain("a").pool === current)
            #expect(Plain("a", on: own).pool === own)
        }
    }
}

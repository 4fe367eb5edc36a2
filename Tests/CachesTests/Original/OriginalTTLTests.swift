import Caches
import CachesTesting
import Testing

@Suite("The original: ttl", .timeLimit(.minutes(10)))
struct OriginalTTLTests {
    @Test(
        "Set, increment, hash-field set, set add and sorted-set add each refresh the ttl",
        arguments: Servers.kinds)
    func refreshing(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let (ttl, connection) = (TTL.seconds(1000), servers.connection)
            let value = Cache<Int>("value", prefix: "refreshing", ttl: ttl, connection: connection)
            let count = Cache<Int>("count", prefix: "refreshing", ttl: ttl, connection: connection)
            let dict = DictCache<String, Int>("dict", prefix: "refreshing", ttl: ttl, connection: connection)
            let set = SetCache<Int>("set", prefix: "refreshing", ttl: ttl, connection: connection)
            let sorted = SortedSetCache<Int>("sorted", prefix: "refreshing", ttl: ttl, connection: connection)
            for _ in 0..<2 {
                try await value.set(1)
                try await count.increment()
                try await dict.set("a", to: 1)
                try await set.insert(1)
                try await sorted.add(1, score: 1)
                for cache in [value, count, dict, set, sorted] {
                    #expect(try await cache.isLeft(900...1000))
                    // Most of it has passed, when the next write comes.
                    try await cache.touch(ttl: .seconds(50))
                }
            }
        }
    }

    @Test("Get, delete, pop and remove do not", arguments: Servers.kinds)
    func notRefreshing(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let (ttl, connection) = (TTL.seconds(1000), servers.connection)
            let value = Cache<Int>("value", prefix: "keeping", ttl: ttl, connection: connection)
            let dict = DictCache<String, Int>("dict", prefix: "keeping", ttl: ttl, connection: connection)
            let set = SetCache<Int>("set", prefix: "keeping", ttl: ttl, connection: connection)
            let sorted = SortedSetCache<Int>("sorted", prefix: "keeping", ttl: ttl, connection: connection)
            try await value.set(1)
            try await dict.update(with: ["a": 1, "b": 2, "c": 3, "d": 4])
            try await set.insert(contentsOf: 1...5)
            try await sorted.add(contentsOf: [1: 1, 2: 2, 3: 3, 4: 4])
            for cache in [value, dict, set, sorted] { try await cache.touch(ttl: .seconds(50)) }

            #expect(try await value.get() == 1)
            #expect(try await dict["a"] == 1)
            #expect(try await dict.remove("a"))
            #expect(try await dict.pop("b") == 2)
            #expect(try await dict.popRandom() != nil)
            #expect(try await set.contains(1))
            #expect(try await set.remove(1))
            #expect(try await set.pop() != nil)
            #expect(try await sorted.contains(1))
            #expect(try await sorted.remove(1))
            #expect(try await sorted.popMin()?.element == 2)
            #expect(try await sorted.popMax()?.element == 4)
            for cache in [value, dict, set, sorted] { #expect(try await cache.isLeft(1...50)) }
        }
    }

    @Test("Setting again with no ttl clears an earlier one", arguments: Servers.kinds)
    func clearing(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let cache = Cache<Int>("a", prefix: "clearing", connection: servers.connection)
            try await cache.set(1, ttl: .seconds(100))
            #expect(try await cache.isLeft(90...100))
            try await cache.set(1)
            #expect(try await cache.timeLeft() == .forever)
        }
    }
}

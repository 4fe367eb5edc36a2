import Caches
import CachesTesting
import Testing

@Suite("The original: Cache", .timeLimit(.minutes(10)))
struct OriginalCacheTests {
    @Test(
        "Get (with a default), set, clear, exists, increment by ±n returning the new integer",
        arguments: Servers.kinds)
    func basics(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let cache = Cache<Int>("a", prefix: "originalCache", connection: servers.connection)
            try await cache.clear()
            #expect(try await cache.get() == nil)
            #expect(try await cache.get(default: 7) == 7)
            #expect(try await cache.exists() == false)
            try await cache.set(1)
            #expect(try await cache.get(default: 7) == 1)
            #expect(try await cache.exists())
            #expect(try await cache.increment(by: 4) == 5)
            #expect(try await cache.increment(by: -2) == 3)
            #expect(try await cache.decrement() == 2)
            #expect(try await cache.clear())
            #expect(try await cache.clear() == false)
        }
    }

    @Test("Increment on a serialized value is an error", arguments: Servers.kinds)
    func serialized(on servers: Servers) async throws {
        struct Person: Codable { var name: String }
        try await servers.run { _ async throws in
            let person = Cache<Person>("person", prefix: "originalCache", connection: servers.connection)
            try await person.set(Person(name: "al"))
            let number = Cache<Int>(key: person.key, connection: servers.connection)
            let error = await #expect(throws: CachesError.self) { try await number.increment() }
            #expect(error?.message.contains("not an integer") == true)
            #expect(try await person.get()?.name == "al")
        }
    }

    @Test(
        "A missing value is nil, or the caller's default: 0, the empty text, false", arguments: Servers.kinds)
    func missing(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let connection = servers.connection
            let number = Cache<Int>("none", prefix: "originalCache", connection: connection)
            let text = Cache<String>("none", prefix: "originalCache", connection: connection)
            let flag = Cache<Bool>("none", prefix: "originalCache", connection: connection)
            #expect(try await number.get(default: 0) == 0)
            #expect(try await text.get(default: "") == "")
            #expect(try await flag.get(default: false) == false)
            #expect(try await number.get() == nil)
        }
    }

    @Test("The hooks for key, prefix, data and ttl can be overridden by a subclass", arguments: Servers.kinds)
    func normalize(on servers: Servers) async throws {
        final class Shouting: Cache<String>, @unchecked Sendable {
            override class func normalize(prefix: String) -> String { prefix.lowercased() }
            override class func normalize(part: String) -> String { part.lowercased() }
            override class func normalize(ttl: TTL) -> TTL { .seconds(100) }
            override class func normalize(_ value: String) -> String { value.uppercased() }
        }
        try await servers.run { _ async throws in
            let cache = Shouting("AL", connection: servers.connection)
            #expect(cache.key.text == "shouting.al")
            try await cache.set("hi")
            #expect(try await cache.get() == "HI")
            #expect(try await cache.isLeft(90...100))
        }
    }
}

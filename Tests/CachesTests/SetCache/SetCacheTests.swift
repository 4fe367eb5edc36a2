import Caches
import CachesTesting
import Testing

@Suite("Sets on real servers", .timeLimit(.minutes(10)))
struct SetCacheTests {
    @Test("Elements are inserted, found, counted and removed", arguments: Servers.kinds)
    func basics(on servers: Servers) async throws {
        try await servers.run { _ in
            let set = SetCache<String>("basics", prefix: "set", connection: servers.connection)
            try await set.clear()
            #expect(try await set.isEmpty)
            #expect(try await set.insert("a") == true)
            #expect(try await set.insert("a") == false)
            #expect(try await set.insert(contentsOf: ["a", "b", "c"]) == 2)
            #expect(try await set.insert(contentsOf: []) == 0)
            #expect(try await set.count == 3)
            #expect(try await set.contains("b"))
            #expect(try await set.contains("d") == false)
            #expect(try await set.containsMany(["a", "x", "c"]) == [true, false, true])
            #expect(try await set.containsMany([]) == [])
            #expect(try await set.copy() == ["a", "b", "c"])
            #expect(try await set.remove("a") == true)
            #expect(try await set.remove("a") == false)
            #expect(try await set.remove(contentsOf: ["b", "c", "d"]) == 2)
            #expect(try await set.exists() == false)
        }
    }

    @Test("An element is popped or chosen by the server", arguments: Servers.kinds)
    func randomness(on servers: Servers) async throws {
        try await servers.run { _ in
            let set = SetCache<Int>("random", prefix: "set", connection: servers.connection)
            try await set.clear()
            #expect(try await set.pop() == nil)
            #expect(try await set.random() == nil)
            try await set.insert(contentsOf: 1...5)
            let chosen = try await set.random()
            #expect(chosen.map { (1...5).contains($0) } == true)
            #expect(Set(try await set.random(10)) == Set(1...5))
            #expect(try await set.random(0) == [])
            await #expect(throws: CachesError.self) { try await set.random(-1) }
            var popped: Set<Int> = []
            while let element = try await set.pop() { popped.insert(element) }
            #expect(popped == Set(1...5))
        }
    }

    @Test("Elements are read batch by batch, also while others write", arguments: Servers.kinds)
    func iteration(on servers: Servers) async throws {
        try await servers.run { _ in
            let set = SetCache<Int>("iterated", prefix: "set", connection: servers.connection)
            try await set.clear()
            try await set.insert(contentsOf: 0..<5000)
            var seen: Set<Int> = []
            for try await element in set.elements.batchSize(100) {
                seen.insert(element)
                // Elements that come and go meanwhile may be seen or not; elements that stay are seen.
                if element < 5000, element.isMultiple(of: 500) {
                    try await set.insert(10_000 + element)
                    try await set.remove(10_000 + element - 500)
                }
            }
            #expect(seen.isSuperset(of: 0..<5000))
            await #expect(throws: CachesError.self) {
                for try await _ in set.elements.batchSize(0) {}
            }
        }
    }

    @Test("Each insertion restarts the ttl, and a removal doesn't", arguments: Servers.kinds)
    func ttl(on servers: Servers) async throws {
        try await servers.run { _ in
            let set = SetCache<Int>(
                "ttl", prefix: "set", ttl: .seconds(100), connection: servers.connection)
            try await set.clear()
            try await set.insert(1)
            #expect(try await set.isLeft(90...100))
            try await set.insert(contentsOf: 1...20_000, ttl: .seconds(1000))
            #expect(try await set.count == 20_000)
            #expect(try await set.isLeft(900...1000))
            try await set.remove(1)
            #expect(try await set.isLeft(900...1000))
            try await set.insert(1)
            #expect(try await set.isLeft(90...100))
        }
    }

    @Test("A value that is not a set stays as it is, with its ttl", arguments: Servers.kinds, [0, 5])
    func wrongType(on servers: Servers, seconds: Int) async throws {
        try await servers.run { _ in
            let ttl: TTL = seconds == 0 ? .forever : .seconds(5)
            let set = SetCache<Int>(
                "wrong", seconds, prefix: "set", ttl: ttl, connection: servers.connection)
            let value = Cache<Int>(key: set.key, connection: servers.connection)
            try await value.set(7)
            let error = await #expect(throws: CachesError.self) { try await set.insert(1) }
            #expect(error?.code == .server("WRONGTYPE"))
            #expect(error?.advice?.contains("set.wrong") == true)
            await #expect(throws: CachesError.self) { try await set.copy() }
            #expect(try await value.get() == 7)
            #expect(try await value.timeLeft() == .forever)
        }
    }
}

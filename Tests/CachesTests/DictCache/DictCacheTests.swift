import Caches
import CachesTesting
import Testing

@Suite("Dictionaries on real servers", .timeLimit(.minutes(10)))
struct DictCacheTests {
    struct Profile: Codable, Equatable {
        var age: Int
        var city: String?
    }

    @Test("Fields are set, read, found, counted and removed", arguments: Servers.kinds)
    func basics(on servers: Servers) async throws {
        try await servers.run { _ in
            let profiles = DictCache<String, Profile>(
                "basics", prefix: "dict", connection: servers.connection)
            let (al, bo) = (Profile(age: 40, city: "Ulm"), Profile(age: 41))
            try await profiles.clear()
            #expect(try await profiles.isEmpty)
            #expect(try await profiles["al"] == nil)
            #expect(try await profiles.getOrThrow("al") == nil)
            #expect(try await profiles.set("al", to: bo) == true)
            #expect(try await profiles.set("al", to: al) == false)
            #expect(try await profiles.set("bo", to: bo) == true)
            #expect(try await profiles["al"] == al)
            #expect(try await profiles.get("al") == al)
            #expect(try await profiles.getOrThrow("bo") == bo)
            #expect(try await profiles.get("cy", default: bo) == bo)
            #expect(try await profiles.get("al", default: bo) == al)
            #expect(try await profiles.getMany(["bo", "cy", "al", "bo"]) == [bo, nil, al, bo])
            #expect(try await profiles.getMany([]) == [])
            #expect(try await profiles.contains("bo"))
            #expect(try await profiles.contains("cy") == false)
            #expect(try await profiles.count == 2)
            #expect(try await profiles.isEmpty == false)
            #expect(try await profiles.copy() == ["al": al, "bo": bo])
            #expect(try await profiles.remove("al") == true)
            #expect(try await profiles.remove("al") == false)
            #expect(try await profiles.remove(contentsOf: ["bo", "cy"]) == 1)
            #expect(try await profiles.remove(contentsOf: []) == 0)
            #expect(try await profiles.exists() == false)
            #expect(try await profiles.copy() == [:])
        }
    }

    @Test("Everything is removed", arguments: Servers.kinds)
    func clear(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<Int, Int>("clear", prefix: "dict", connection: servers.connection)
            try await dict.set(1, to: 1)
            #expect(try await dict.clear() == true)
            #expect(try await dict.clear() == false)
            #expect(try await dict.exists() == false)
        }
    }

    @Test(
        "A field gets its value if it has no value", arguments: Servers.kinds, [TTL.forever, .seconds(100)])
    func setIfAbsent(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let name = ttl == .forever ? "absent" : "absentTTL"
            let dict = DictCache<String, Int>(
                name, prefix: "dict", ttl: ttl, connection: servers.connection)
            try await dict.clear()
            #expect(try await dict.setIfAbsent("a", to: 1) == true)
            #expect(try await dict.setIfAbsent("a", to: 2) == false)
            #expect(try await dict["a"] == 1)

            let written = try await withThrowingTaskGroup { group in
                for number in 0..<50 { group.addTask { try await dict.setIfAbsent("b", to: number) } }
                return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
            }
            #expect(written == 1)
        }
    }

    @Test("A field is removed and returned, by one caller", arguments: Servers.kinds)
    func pop(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, Int>("pop", prefix: "dict", connection: servers.connection)
            try await dict.clear()
            #expect(try await dict.pop("a") == nil)
            #expect(try await dict.pop("a", default: 7) == 7)
            try await dict.update(with: ["a": 1, "b": 2, "c": 3])
            #expect(try await dict.pop("a") == 1)
            #expect(try await dict.pop("b", default: 7) == 2)
            #expect(try await dict.copy() == ["c": 3])

            let popped = try await withThrowingTaskGroup { group in
                for _ in 0..<50 { group.addTask { try await dict.pop("c") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(popped.compactMap { $0 } == [3])
            #expect(try await dict.exists() == false)
        }
    }

    @Test("A pair is popped or chosen by the server", arguments: Servers.kinds)
    func randomness(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<Int, String>("random", prefix: "dict", connection: servers.connection)
            let pairs = Dictionary(uniqueKeysWithValues: (1...5).map { ($0, "value \($0)") })
            try await dict.clear()
            #expect(try await dict.random() == nil)
            #expect(try await dict.popRandom() == nil)
            try await dict.update(with: pairs)
            let chosen = try #require(try await dict.random())
            #expect(pairs[chosen.field] == chosen.value)
            #expect(try await dict.count == 5)
            var popped: [Int: String] = [:]
            while let (field, value) = try await dict.popRandom() { popped[field] = value }
            #expect(popped == pairs)
            #expect(try await dict.exists() == false)
        }
    }

    @Test("Writes restart the ttl, and nothing else does", arguments: Servers.kinds)
    func ttl(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, Int>(
                "ttl", prefix: "dict", ttl: .seconds(100), connection: servers.connection)
            let numbers = DictCache<String, Double>(key: dict.key, connection: servers.connection)
            /// Whether `write` restarts the ttl, with the cache's own ttl and with one that is given.
            func begins(_ write: (TTL?) async throws -> Void) async throws -> Bool {
                try await dict.touch(ttl: .seconds(5000))
                try await write(nil)
                guard try await dict.isLeft(90...100) else { return false }
                try await write(.seconds(1000))
                return try await dict.isLeft(900...1000)
            }
            try await dict.clear()
            try await dict.set("a", to: 1)
            #expect(try await dict.isLeft(90...100))
            var next = 0
            func fresh() -> String {
                next += 1
                return String(next)
            }

            #expect(try await begins { try await dict.set("a", to: 1, ttl: $0) })
            #expect(try await begins { try await dict.setIfAbsent(fresh(), to: 1, ttl: $0) })
            #expect(try await begins { try await dict.increment("a", ttl: $0) })
            #expect(try await begins { try await dict.decrement("a", ttl: $0) })
            #expect(
                try await begins { try await numbers.increment("d", by: 0.5, ttl: $0 ?? .seconds(100)) })
            #expect(try await begins { try await dict.update(with: ["a": 2], ttl: $0) })
            #expect(try await begins { try await dict.merge(["a": 2], keeping: .new, ttl: $0) })
            #expect(try await begins { try await dict.merge([fresh(): 2], keeping: .current, ttl: $0) })

            #expect(try await dict.isLeft(900...1000))
            try await dict.setIfAbsent("a", to: 3)
            try await dict.merge(["a": 3], keeping: .current)
            try await dict.update(with: [:])
            try await dict.merge([:], keeping: .current)
            _ = try await dict["a"]
            _ = try await dict.getMany(["a"])
            _ = try await dict.copy()
            _ = try await dict.random()
            try await dict.remove("1")
            try await dict.remove(contentsOf: ["2"])
            _ = try await dict.pop("3")
            _ = try await dict.popRandom()
            #expect(try await dict.isLeft(900...1000))
        }
    }

    @Test("A write without a ttl leaves the existing one", arguments: Servers.kinds)
    func noTTL(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, Int>("noTTL", prefix: "dict", connection: servers.connection)
            try await dict.clear()
            try await dict.set("a", to: 1)
            #expect(try await dict.timeLeft() == .forever)
            try await dict.touch(ttl: .seconds(1000))
            try await dict.set("a", to: 2)
            try await dict.setIfAbsent("b", to: 2)
            try await dict.update(with: ["c": 2])
            try await dict.merge(["d": 2], keeping: .current)
            try await dict.increment("a")
            #expect(try await dict.copy() == ["a": 3, "b": 2, "c": 2, "d": 2])
            #expect(try await dict.isLeft(900...1000))
        }
    }
}

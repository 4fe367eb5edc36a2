import Caches
import CachesTesting
import Testing

@Suite("Bad input for dictionaries", .timeLimit(.minutes(10)))
struct DictCacheBadInputTests {
    /// Every operation, by name.
    typealias Operation = (name: String, call: @Sendable (DictCache<String, Int>) async throws -> Void)

    static let operations: [Operation] = [
        ("subscript", { _ = try await $0["a"] }),
        ("get", { _ = try await $0.get("a") }),
        ("get default", { _ = try await $0.get("a", default: 1) }),
        ("getOrThrow", { _ = try await $0.getOrThrow("a") }),
        ("getMany", { _ = try await $0.getMany(["a"]) }),
        ("contains", { _ = try await $0.contains("a") }),
        ("count", { _ = try await $0.count }),
        ("isEmpty", { _ = try await $0.isEmpty }),
        ("random", { _ = try await $0.random() }),
        ("copy", { _ = try await $0.copy() }),
        ("items", { for try await _ in $0.items {} }),
        ("keys", { for try await _ in $0.keys {} }),
        ("values", { for try await _ in $0.values {} }),
        ("set", { try await $0.set("a", to: 1) }),
        ("setIfAbsent", { try await $0.setIfAbsent("a", to: 1) }),
        ("increment", { try await $0.increment("a") }),
        ("decrement", { try await $0.decrement("a") }),
        ("update", { try await $0.update(with: ["a": 1]) }),
        ("merge new", { try await $0.merge(["a": 1], keeping: .new) }),
        ("merge current", { try await $0.merge(["a": 1], keeping: .current) }),
        ("remove", { try await $0.remove("a") }),
        ("remove contents", { try await $0.remove(contentsOf: ["a"]) }),
        ("pop", { _ = try await $0.pop("a") }),
        ("pop default", { _ = try await $0.pop("a", default: 1) }),
        ("popRandom", { _ = try await $0.popRandom() }),
    ]

    @Test(
        "A value that is not a dictionary stays as it is, with its ttl", arguments: Servers.kinds,
        [TTL.forever, .seconds(5)])
    func wrongType(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, Int>(
                ttl == .forever ? "forever" : "ttl", prefix: "dictWrong", ttl: ttl,
                connection: servers.connection)
            let value = Cache<Int>(key: dict.key, connection: servers.connection)
            try await value.set(7)
            for (name, call) in Self.operations {
                let error = await #expect(throws: CachesError.self, "\(name)") { try await call(dict) }
                #expect(error?.code == .server("WRONGTYPE"), "\(name)")
                #expect(error?.advice?.contains(dict.key.text) == true, "\(name)")
                #expect(error?.node != nil, "\(name)")
            }
            #expect(try await value.get() == 7)
            #expect(try await value.timeLeft() == .forever)
        }
    }

    @Test(
        "A value that can't be decoded is a counted miss, or an error if the call asks for one",
        arguments: Servers.kinds)
    func undecodableValue(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, Int>(
                "value", prefix: "dictUndecodable", connection: servers.connection)
            let texts = DictCache<String, String>(key: dict.key, connection: servers.connection)
            try await texts.clear()
            try await texts.update(with: ["good": "1", "bad": "abc"])

            let counted = CacheCounters.undecodable
            #expect(try await dict["bad"] == nil)
            #expect(try await dict.get("bad", default: 5) == 5)
            #expect(try await dict.getMany(["bad", "good"]) == [nil, 1])
            #expect(try await dict.copy() == ["good": 1])
            #expect(try await dict.items.reduce(into: []) { $0.append($1.field) } == ["good"])
            #expect(try await dict.values.reduce(into: []) { $0.append($1) } == [1])
            #expect(CacheCounters.undecodable >= counted + 6)
            #expect(try await dict.keys.reduce(into: Set()) { $0.insert($1) } == ["good", "bad"])
            #expect(try await dict.contains("bad"))
            #expect(try await dict.count == 2)

            let error = await #expect(throws: CachesError.self) { try await dict.getOrThrow("bad") }
            #expect(error?.code == .decoding)
            #expect(error?.message.contains(dict.key.text) == true)
            #expect("\(String(describing: error))".contains("abc") == false)
            #expect(try await dict.count == 2)
        }
    }

    @Test("A popped value that can't be decoded is an error, and is gone", arguments: Servers.kinds)
    func undecodablePop(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<Int, Int>(
                "popped", prefix: "dictUndecodable", connection: servers.connection)
            let texts = DictCache<String, String>(key: dict.key, connection: servers.connection)
            try await texts.clear()
            try await texts.set("1", to: "abc")
            let popped = await #expect(throws: CachesError.self) { try await dict.pop(1) }
            #expect(popped?.code == .decoding)
            #expect(try await texts.exists() == false)
            for (field, value) in [("1", "abc"), ("abc", "1")] {
                try await texts.set(field, to: value)
                #expect(try await dict.random() == nil)
                let error = await #expect(throws: CachesError.self) { try await dict.popRandom() }
                #expect(error?.code == .decoding)
                #expect(try await texts.exists() == false)
            }
        }
    }

    @Test("A field that can't be decoded is left out, and counted", arguments: Servers.kinds)
    func undecodableField(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<Int, Int>("field", prefix: "dictUndecodable", connection: servers.connection)
            let texts = DictCache<String, Int>(key: dict.key, connection: servers.connection)
            try await texts.clear()
            try await texts.update(with: ["1": 1, "abc": 2])
            let counted = CacheCounters.undecodable
            #expect(try await dict.copy() == [1: 1])
            #expect(try await dict.items.reduce(into: []) { $0.append($1.field) } == [1])
            #expect(try await dict.keys.reduce(into: []) { $0.append($1) } == [1])
            #expect(CacheCounters.undecodable >= counted + 3)
            #expect(try await dict.values.reduce(into: Set()) { $0.insert($1) } == [1, 2])
            #expect(try await dict.count == 2)
        }
    }

    @Test("An empty text is a field and a value like any other", arguments: Servers.kinds)
    func emptyText(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, String>("empty", prefix: "dictBad", connection: servers.connection)
            try await dict.clear()
            #expect(try await dict[""] == nil)
            #expect(try await dict.set("", to: "") == true)
            #expect(try await dict[""] == "")
            #expect(try await dict.contains(""))
            #expect(try await dict.copy() == ["": ""])
            #expect(try await dict.setIfAbsent("", to: "a", ttl: .seconds(100)) == false)
            #expect(try await dict.merge(["": "a"], keeping: .current) == 0)
            let random = try #require(try await dict.random())
            #expect(random == ("", ""))
            #expect(try await dict.pop("") == "")
            #expect(try await dict.exists() == false)
        }
    }

    @Test("An impossible ttl is refused, and nothing is written")
    func impossibleTTL() async throws {
        try await Servers.one.run { _ in
            let dict = DictCache<String, Int>("ttl", prefix: "dictBad")
            let writes: [(TTL) async throws -> Void] = [
                { try await dict.set("a", to: 1, ttl: $0) },
                { try await dict.setIfAbsent("a", to: 1, ttl: $0) },
                { try await dict.update(with: ["a": 1], ttl: $0) },
                { try await dict.merge(["a": 1], keeping: .current, ttl: $0) },
                { try await dict.increment("a", ttl: $0) },
            ]
            for write in writes {
                let error = await #expect(throws: CachesError.self) { try await write(.seconds(-1)) }
                #expect(error?.code == .invalidArgument)
            }
            let exists = try await dict.exists()
            #expect(!exists)
        }
    }

    @Test("A value that can't be encoded fails the whole update")
    func unencodable() async throws {
        struct Picky: Codable {
            var isWell = true
            func encode(to encoder: any Encoder) throws {
                guard isWell else { throw CancellationError() }
                try isWell.encode(to: encoder)
            }
        }
        try await Servers.one.run { _ in
            let dict = DictCache<String, Picky>("unencodable", prefix: "dictBad")
            let error = await #expect(throws: CachesError.self) {
                try await dict.update(with: ["a": Picky(), "b": Picky(isWell: false)])
            }
            #expect(error?.code == .encoding)
            let exists = try await dict.exists()
            #expect(!exists)
        }
    }
}

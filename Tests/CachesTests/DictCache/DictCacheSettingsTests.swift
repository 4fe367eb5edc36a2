import Caches
import CachesTesting
import Testing

@Suite("Settings and hooks of dictionaries", .timeLimit(.minutes(10)))
struct DictCacheSettingsTests {
    /// Makes different bytes of equal values each time, as an encrypting coder does.
    struct Salted: CacheCoder {
        let base = StandardCoder()

        func encode<Value: Codable>(_ value: Value) throws -> Payload {
            .bytes([.random(in: .min ... .max)] + (try base.encode(value).bytes))
        }

        func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value {
            try base.decode(type, from: bytes.dropFirst())
        }
    }

    /// Writes a mark before each field.
    struct Marked: CacheCoder {
        let base = StandardCoder()

        func encode<Value: Codable>(_ value: Value) throws -> Payload {
            .bytes(Array("#".utf8) + (try base.encode(value).bytes))
        }

        func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value {
            guard bytes.first == UInt8(ascii: "#") else { throw CancellationError() }
            return try base.decode(type, from: bytes.dropFirst())
        }
    }

    final class Secrets: DictCache<String, String>, @unchecked Sendable {
        override class var coder: any CacheCoder { Salted() }
    }

    final class MarkedFields: DictCache<Int, Int>, @unchecked Sendable {
        override class var fieldCoder: any CacheCoder { Marked() }
    }

    final class Words: DictCache<String, String>, @unchecked Sendable {
        override class func normalize(field: String) -> String { field.lowercased() }
        override class func normalize(_ value: String) -> String { value.uppercased() }
    }

    @Test("A coder that never gives the same bytes twice leaves fields to be found", arguments: Servers.kinds)
    func saltedValues(on servers: Servers) async throws {
        try await servers.run { _ in
            let secrets = Secrets("salted", prefix: "dictSettings", connection: servers.connection)
            try await secrets.clear()
            #expect(try await secrets.set("a", to: "x") == true)
            #expect(try await secrets.set("a", to: "y") == false)
            #expect(try await secrets["a"] == "y")
            #expect(try await secrets.copy() == ["a": "y"])
            #expect(try await secrets.pop("a") == "y")
        }
    }

    @Test("Fields have their own coder", arguments: Servers.kinds)
    func fieldCoder(on servers: Servers) async throws {
        try await servers.run { _ in
            let marked = MarkedFields("marked", prefix: "dictSettings", connection: servers.connection)
            let raw = DictCache<String, String>(key: marked.key, connection: servers.connection)
            try await marked.clear()
            try await marked.update(with: [1: 10, 2: 20])
            #expect(try await raw.copy() == ["#1": "10", "#2": "20"])
            #expect(try await marked[1] == 10)
            #expect(try await marked.getMany([2, 3]) == [20, nil])
            #expect(try await marked.increment(1) == 11)
            #expect(try await marked.copy() == [1: 11, 2: 20])
            #expect(try await marked.remove(1) == true)
            let popped = try #require(try await marked.popRandom())
            #expect(popped == (2, 20))
        }
    }

    @Test(
        "Fields and values are normalised as they are written, looked for and read", arguments: Servers.kinds)
    func normalize(on servers: Servers) async throws {
        try await servers.run { _ in
            let words = Words("normalised", prefix: "dictSettings", connection: servers.connection)
            let raw = DictCache<String, String>(key: words.key, connection: servers.connection)
            try await words.clear()
            #expect(try await words.set("Al", to: "x"))
            #expect(try await raw.copy() == ["al": "X"])
            #expect(try await words.set("AL", to: "y") == false)
            #expect(try await words.setIfAbsent("AL", to: "z") == false)
            #expect(try await words.merge(["AL": "z"], keeping: .current) == 0)
            #expect(try await words.contains("aL"))
            #expect(try await words.remove("AL"))

            // A value that another program wrote is normalised when it is read.
            func refill() async throws { try await raw.update(with: ["al": "x"]) }
            try await refill()
            #expect(try await words["AL"] == "X")
            #expect(try await words.getOrThrow("AL") == "X")
            #expect(try await words.getMany(["AL"]) == ["X"])
            #expect(try await words.values.reduce(into: []) { $0.append($1) } == ["X"])
            #expect(try await words.pop("AL") == "X")
            try await refill()
            let popped = try #require(try await words.popRandom())
            #expect(popped == ("al", "X"))
            try await raw.update(with: ["BO": "x", "bo": "x"])
            #expect(try await words.copy() == ["bo": "X"])
            #expect(try await words.keys.reduce(into: []) { $0.append($1) } == ["bo", "bo"])
            let random = try #require(try await words.random())
            #expect(random == ("bo", "X"))
        }
    }

    @Test("An optional value remembers that there is no value", arguments: Servers.kinds)
    func optional(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, Int?>(
                "optional", prefix: "dictSettings", connection: servers.connection)
            try await dict.clear()
            try await dict.set("a", to: nil)
            let (known, unknown) = (try await dict["a"], try await dict["b"])
            #expect(known == .some(nil))
            #expect(unknown == nil)
        }
    }
}

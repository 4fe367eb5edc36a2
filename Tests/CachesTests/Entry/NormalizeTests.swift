import CachesTesting
import Testing

@testable import Caches

@Suite("The hooks of a class", .timeLimit(.minutes(10)))
struct NormalizeTests {
    final class Names: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "names" }
        override class func normalize(prefix: String) -> String { "v2." + prefix }
        override class func normalize(part: String) -> String { part.lowercased() }
        override class func normalize(ttl: TTL) -> TTL { ttl == .forever ? .hours(1) : ttl }
        override class func normalize(_ value: String) -> String { value.uppercased() }
    }

    final class Words: SetCache<String>, @unchecked Sendable {
        override class func normalize(_ element: String) -> String { element.lowercased() }
    }

    @Test("The prefix, also one of an object's own")
    func prefix() {
        #expect(Names("a").key.text == "v2.names.a")
        #expect(Names("a", prefix: "own").key.text == "v2.own.a")
    }

    @Test("Each part of the key, before it is escaped")
    func part() {
        #expect(Names("AL", "B.C", 7).key.text == "v2.names.al.b%2Ec.7")
    }

    @Test("The ttl of every write", arguments: Servers.kinds)
    func ttl(on servers: Servers) async throws {
        try await servers.run { _ in
            let name = Names("ttl", connection: servers.connection)
            try await name.set("al")
            #expect(try await name.isLeft(3500...3600))
            try await name.set("al", ttl: .seconds(100))
            #expect(try await name.isLeft(90...100))
            try await name.touch(ttl: .forever)
            #expect(try await name.isLeft(3500...3600))
        }
    }

    @Test("A value as it is stored and as it is read, by every read", arguments: Servers.kinds)
    func value(on servers: Servers) async throws {
        try await servers.run { fleet in
            let pool = try #require(CachePool.current)
            let name = Names("value", connection: servers.connection)
            try await name.set("al")
            #expect(try await fleet.stored(name, on: servers) == "AL")
            // A value that another program wrote is normalised when it is read.
            try await Cache<String>(key: name.key, connection: servers.connection).set("bo")
            #expect(try await fleet.stored(name, on: servers) == "bo")
            #expect(try await name.get() == "BO")
            #expect(try await name.getOrThrow() == "BO")
            let batched = try await pool.batch { b in b.get(name) }
            #expect(batched == "BO")
        }
        // Many values at once are read by the class.
        try await Servers.three.run { _ in
            try await Cache<String>(key: Names("many").key).set("bo")
            #expect(try await Names.getMany(["MANY"]) == ["BO"])
        }
    }

    @Test("An element as it is written, looked for and read", arguments: Servers.kinds)
    func element(on servers: Servers) async throws {
        try await servers.run { _ in
            let words = Words("element", connection: servers.connection)
            try await words.clear()
            #expect(try await words.insert("Al"))
            #expect(try await words.insert("AL") == false)
            #expect(try await words.contains("aL"))
            #expect(try await words.containsMany(["AL", "BO"]) == [true, false])
            #expect(try await words.copy() == ["al"])
            #expect(try await words.intersection(["AL", "BO"]) == ["al"])
            #expect(try await words.subtracting(["AL"]) == [])
            #expect(try await words.isSubset(of: ["AL"]))
            #expect(try await words.remove("AL"))
        }
    }
}

extension SharedServers {
    fileprivate func stored(_ cache: CacheEntry, on servers: Servers) async throws -> String? {
        try await command(on: cache.key, connection: servers.connection, "GET", cache.key.text).text
    }
}

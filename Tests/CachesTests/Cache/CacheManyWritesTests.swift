import Caches
import CachesTesting
import Testing

@Suite("Many writes at once, on real servers", .timeLimit(.minutes(10)))
struct CacheManyWritesTests {
    final class Numbers: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "manyWrites" }
        override class var ttl: TTL { .seconds(100) }
        override class func normalize(_ value: Int) -> Int { max(0, value) }
    }

    @Test("A hundred thousand values are stored, found and removed", arguments: [Servers.one, .three])
    func large(on servers: Servers) async throws {
        try await servers.run { _ in
            let ids = 0..<100_000
            try await Numbers.setMany(ids.lazy.map { ($0, $0 * 2) })
            #expect(try await Numbers.getMany(ids) == ids.map { $0 * 2 })
            #expect(try await Numbers(7).isLeft(1...100))
            #expect(try await Numbers.clearMany(ids) == 100_000)
            #expect(try await Numbers.getMany(ids).allSatisfy { $0 == nil })
            #expect(try await Numbers.clearMany(ids) == 0)
        }
    }

    @Test("A dictionary is stored as the class says", arguments: Servers.many)
    func dictionary(on servers: Servers) async throws {
        try await servers.run { _ in
            try await Numbers.setMany(["a": 1, "b": -2])
            #expect(try await Numbers.getMany(["a", "b"]) == [1, 0])
            try await Numbers.setMany(["c": 1], ttl: .forever)
            #expect(try await Numbers("c").timeLeft() == .forever)
            try await Numbers.setMany([String: Int]())
            #expect(try await Numbers.clearMany([String]()) == 0)
        }
    }

    @Test("A node that is down fails its keys alone")
    func nodeDown() async throws {
        try await withLocalFleet(nodes: 3) { fleet async throws in
            let pool = try CachePool(patiently: fleet.dsns, outagePolicy: .fail)
            fleet.servers[0].kill()
            let ids = 0..<100
            let dead = fleet.servers[0].name
            let set = await #expect(throws: CachesError.self) {
                try await Numbers.setMany(ids.map { ($0, $0) }, on: pool)
            }
            #expect(set?.node == dead)
            for (id, result) in zip(ids, await Numbers.getEach(ids, on: pool)) {
                if try pool.node(for: Numbers(id).key.text).name == dead {
                    #expect(throws: CachesError.self) { try result.get() }
                } else {
                    #expect(try result.get() == id)
                }
            }
            let clear = await #expect(throws: CachesError.self) { try await Numbers.clearMany(ids, on: pool) }
            #expect(clear?.node == dead)
            for result in await Numbers.getEach(ids, on: pool) {
                if case .success(let value) = result { #expect(value == nil) }
            }
            await pool.close()
        }
    }

    @Test("A key that is not valid is an error, and stops no other")
    func invalidKey() async throws {
        final class Bare: Cache<Int>, @unchecked Sendable {
            override class var prefix: String { "" }
        }
        try await Servers.three.run { _ async throws in
            await #expect(throws: CachesError.self) {
                try await Bare.setMany([("", 1), ("manyWritesBare", 2)])
            }
            #expect(try await Bare("manyWritesBare").get() == 2)
            await #expect(throws: CachesError.self) { try await Bare.clearMany(["", "manyWritesBare"]) }
            #expect(try await Bare("manyWritesBare").get() == nil)
        }
    }

    @Test("A value that can't be stored is an error, and stops no other")
    func invalidValue() async throws {
        final class Odd: Cache<Double>, @unchecked Sendable {
            override class var prefix: String { "manyWritesOdd" }
            override class var coder: any CacheCoder { OddCoder() }
        }
        try await Servers.three.run { _ async throws in
            for (bad, code) in [(-1.0, CachesError.Code.encoding), (-2, .tooLarge)] {
                let error = await #expect(throws: CachesError.self) {
                    try await Odd.setMany([("a", 1), ("b", bad), ("c", 3)])
                }
                #expect(error?.code == code)
                #expect(try await Odd.getMany(["a", "b", "c"]) == [1, nil, 3])
                #expect(try await Odd.clearMany(["a", "b", "c"]) == 2)
            }
        }
    }

    @Test("A ttl that can't be kept is an error, and nothing is stored")
    func invalidTTL() async throws {
        try await Servers.three.run { _ async throws in
            let error = await #expect(throws: CachesError.self) {
                try await Numbers.setMany([("ttl", 1)], ttl: .seconds(-1))
            }
            #expect(error?.code == .invalidArgument)
            #expect(try await Numbers("ttl").get() == nil)
        }
    }

    @Test("Of two values for one key the later is stored", arguments: [Servers.three, .clusterTLS])
    func twice(on servers: Servers) async throws {
        try await servers.run { _ in
            try await Numbers.setMany((0..<200).map { ($0 % 2 == 0 ? "even" : "odd", $0) })
            #expect(try await Numbers.getMany(["even", "odd"]) == [198, 199])
        }
    }
}

/// Refuses −1, and makes more bytes of −2 than any server takes.
private struct OddCoder: CacheCoder {
    func encode<Value: Codable>(_ value: Value) throws -> Payload {
        switch value as? Double {
        case -1: throw CancellationError()
        case -2: .bytes(Bytes(repeating: 0, count: (512 << 20) + 1))
        default: try StandardCoder().encode(value)
        }
    }

    func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value {
        try StandardCoder().decode(type, from: bytes)
    }
}

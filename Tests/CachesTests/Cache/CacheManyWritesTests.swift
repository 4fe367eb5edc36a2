import Caches
import CachesTesting
import TestSupport
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

    @Test("A dictionary is stored by the rules of the class", arguments: Servers.many)
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

    final class Gutter: Cache<Int>, @unchecked Sendable {
        override class var outagePolicy: OutagePolicy? { .gutter(ttl: .seconds(100)) }
    }

    /// Two servers of which the first is known to be out, and some parts whose keys it owns.
    private func withNodeOut(
        _ body: (_ pool: CachePool, _ parts: [Int], _ fleet: LocalFleet) async throws -> Void
    ) async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            fleet.servers[0].kill()
            let node = try pool.nodes[0]
            _ = try? await node.send("PING")
            try await eventually { node.isOut }
            let parts = try (0..<100).filter { try pool.node(for: Gutter($0).key.text) === node }
            try await body(pool, parts, fleet)
            await pool.close()
        }
    }

    @Test("The later of two values for one key is stored also while its node is out")
    func twiceWhileOut() async throws {
        try await withNodeOut { pool, parts, _ in
            let values = parts.flatMap { part in (0..<20).map { (part, $0) } }
            try await Gutter.setMany(values, on: pool)
            #expect(try await Gutter.getMany(parts, on: pool).allSatisfy { $0 == 19 })
        }
    }

    @Test("A key that is not valid does not keep others from being removed while their node is out")
    func invalidKeyWhileOut() async throws {
        final class Bare: Cache<Int>, @unchecked Sendable {
            override class var prefix: String { "" }
            override class var outagePolicy: OutagePolicy? { .gutter(ttl: .seconds(100)) }
        }
        try await withNodeOut { pool, _, _ in
            let part = try #require(try (1...100).first { try pool.node(for: "\($0)").isOut })
            try await Bare(part, on: pool).set(1)
            let error = await #expect(throws: CachesError.self) {
                try await Bare.clearMany(["", "\(part)"], on: pool)
            }
            #expect(error?.code == .invalidArgument)
            #expect(try await Bare(part, on: pool).get() == nil)
        }
    }

    @Test("Keys at a server that hangs are given up at the deadline, and not asked for one by one")
    func hanging() async throws {
        final class Hasty: Cache<Int>, @unchecked Sendable {
            override class var deadline: Duration? { .milliseconds(100) }
        }
        try await withLocalFleet(nodes: 1) { fleet in
            let proxy = try FaultProxy(to: fleet.servers[0])
            var configuration = try PoolConfiguration(dsns: [proxy.dsn]).patient
            configuration.health.failuresToEject = 1000
            let pool = try CachePool(configuration)
            try await Hasty(1, deadline: .seconds(60), on: pool).set(1)
            proxy.fault = .blackHole(.toClient)
            let calls = try pool.nodes[0].counters.calls
            let error = await #expect(throws: CachesError.self) {
                try await Hasty.clearMany(0..<100, on: pool)
            }
            #expect(error?.code == .timeout)
            #expect(try pool.nodes[0].counters.calls - calls <= 1)
            await pool.close()
            proxy.stop()
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

    @Test("The later of two values for one key is stored", arguments: [Servers.three, .clusterTLS])
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

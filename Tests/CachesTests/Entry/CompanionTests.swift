import CachesTesting
import TestSupport
import Testing

@testable import Caches
@testable import CachesCluster

/// A class whose writes leave a companion beside their key, as operations of the library will.
private final class Marked: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "marked" }

    func marking(_ value: String, by name: StaticString = "SET") -> CacheOperation<Void> {
        operation {
            let companion = CompanionCommand(name: name, kind: "test", arguments: [.text(value)])
            return try setCommand(value, milliseconds: nil).after(companion)
        }
    }

    var mark: String { CompanionKeys.name("test", of: key.text) }
}

/// One operation of two commands, the first of them on a companion of the key.
@Suite("Operations with a companion", .timeLimit(.minutes(10)))
struct CompanionTests {
    /// Runs marked operations in every way, and checks the values that both commands wrote.
    ///
    /// - Parameter servers: The servers, one of which has each companion.
    private func check(on pool: CachePool, _ parts: [String], servers: [LocalServer]) async throws {
        let caches = parts.map { Marked($0, on: pool) }
        func marks() async throws -> [String?] {
            var marks: [String?] = []
            for cache in caches {
                var found: [String] = []
                for server in servers {
                    // A server of a cluster says who has the key.
                    if case .string(let bytes)? = try? await server.command("GET", cache.mark) {
                        found.append(String(decoding: bytes, as: UTF8.self))
                    }
                }
                marks.append(found.count == 1 ? found[0] : nil)
            }
            return marks
        }
        for cache in caches { try await cache.marking("one").run() }
        #expect(try await Marked.getMany(parts, on: pool) == parts.map { _ in "one" })
        #expect(try await marks() == parts.map { _ in "one" })

        let outputs = try await pool.batch { b in
            caches.map { cache in
                b.add(cache.marking("two"))
                return b.get(cache)
            }
        }
        #expect(outputs == parts.map { _ in "two" })
        #expect(try await marks() == parts.map { _ in "two" })

        for cache in caches {
            let (before, _, after) = try await pool.transaction { t in
                (t.get(cache), t.add(cache.marking("three")), t.get(cache))
            }
            #expect(before == "two" && after == "three")
        }
        #expect(try await marks() == parts.map { _ in "three" })
    }

    @Test("A companion that can't be written fails its operation, and no other")
    func failure() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(PoolConfiguration(dsns: fleet.dsns).patient)
            let (spoilt, other) = (Marked("a", on: pool), Marked("b", on: pool))
            try await spoilt.marking("one").run()
            let results = try await pool.batchResults { b in
                [
                    b.add(other.marking("four")), b.add(spoilt.marking("x", by: "LPUSH")),
                    b.add(other.marking("five")),
                ]
            }
            #expect(throws: Never.self) { try results[0].get() }
            #expect(throws: CachesError.self) { try results[1].get() }
            #expect(try await other.get() == "five")
            let error = await #expect(throws: CachesError.self) {
                try await spoilt.marking("x", by: "LPUSH").run()
            }
            #expect(error?.code == .server("WRONGTYPE"))
            await pool.close()
        }
    }

    private let parts = ["a", "{b}c", "d}e", "ö", "f", "g"]

    @Test("Both commands are carried out, alone, in batches and in transactions, on a ring")
    func ring() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(PoolConfiguration(dsns: fleet.dsns).patient)
            try await check(on: pool, parts, servers: fleet.servers)
            await pool.close()
        }
    }

    @Test("A companion is in its key's slot: both commands are carried out by one server of a cluster")
    func cluster() async throws {
        try await withLocalCluster(masters: 3) { cluster in
            let pool = try CachePool(PoolConfiguration(dsns: [cluster.dsn]).patient)
            try await check(on: pool, parts, servers: cluster.servers)
            await pool.close()
        }
    }

    @Test(
        "While keys are on their way, both commands are carried out where the key is",
        arguments: [HandOver.Stage.announced, .handingOver])
    func moving(stage: HandOver.Stage) async throws {
        try await withGrowth { growth in
            let before = try growth.program(at: nil)
            let numbers = try growth.moving(0..<60, prefix: "marked").prefix(6).map(String.init)
            for number in numbers { try await Marked(number, on: before).set("zero") }
            try await check(on: try growth.program(at: stage), numbers, servers: [growth.old, growth.new])
        }
    }
}

import Caches
import CachesTesting
import CachesTestingTraits
import TestSupport
import Testing

/// Elements that are there throughout are read, even if another server than the one that gave the cursor
/// answers.
@Suite("Reading batch by batch while servers change", .timeLimit(.minutes(10)))
struct ScanSequenceTests {
    private static let elements = Set(0..<5000)

    /// Reads all elements, and runs `body` when so many have come.
    private func read(
        _ sequence: ScanSequence<Int>, after count: Int = 1000, _ body: () async throws -> Void
    ) async throws -> (elements: Set<Int>, count: Int) {
        var read: (elements: Set<Int>, count: Int) = ([], 0)
        for try await element in sequence.batchSize(100) {
            read.elements.insert(element)
            read.count += 1
            if read.count == count { try await body() }
        }
        return read
    }

    @Test("A server is restarted with its data")
    func restart() async throws {
        try await withLocalFleet([LocalServer.Options(keepsData: true)]) { fleet async throws in
            let pool = try CachePool(patiently: fleet.dsns)
            let dict = DictCache<Int, Int>("a", on: pool)
            try await dict.update(with: Self.elements.map { ($0, $0) })
            let read = try await read(dict.keys) {
                fleet.servers[0].kill()
                try await fleet.servers[0].restart(.itsData)
                try await eventually { (try? await dict.count) == Self.elements.count }
            }
            #expect(read.elements == Self.elements)
            #expect(read.count > Self.elements.count)
            await pool.close()
        }
    }

    @Test("A server whose cursors come twice: the iteration ends, and says so")
    func endless() async throws {
        let page = ScriptedServer.Step.send("*2\r\n$1\r\n7\r\n*0\r\n")
        for command in ["SSCAN", "HSCAN"] {
            let peer = try ScriptedServer(
                .init([.answerUntil(command), page] + (0..<50).flatMap { _ in [.receiveCommand, page] }))
            let pool = try CachePool(patiently: [peer.dsn()])
            let error = await #expect(throws: CachesError.self) {
                if command == "SSCAN" {
                    for try await _ in SetCache<Int>("a", on: pool).elements {}
                } else {
                    for try await _ in DictCache<Int, Int>("a", on: pool).items {}
                }
            }
            #expect(error?.code == .protocolViolation)
            #expect(error?.node == "scripted")
            #expect(error?.message.contains("cursor 7 twice") == true)
            await pool.close()
            peer.stop()
        }
    }

    @Test("The key is handed over")
    func handOver() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: .announced)
            let part = try growth.movingParts(1, prefix: "SetCache")[0]
            let set = SetCache<Int>(part, on: pool)
            try await set.insert(contentsOf: Self.elements)
            let read = try await read(set.elements) { try pool.enter(.handingOver, growth.grown()) }
            #expect(read.elements == Self.elements)
            #expect(try await growth.holders(of: set.key) == ["b"])
        }
    }

    @Test("Its slot moves to another master of a cluster", .cluster(masters: 2))
    func slotMoves() async throws {
        let cluster = try #require(LocalCluster.current)
        let pool = try CachePool(patiently: [cluster.dsn])
        let set = SetCache<Int>("a", on: pool)
        try await set.insert(contentsOf: Self.elements)
        let slot = try await cluster.servers[0].command("CLUSTER", "KEYSLOT", set.key.text).integer
        let source = try await cluster.master(ofSlot: Int(try #require(slot)))
        let target = try #require(cluster.servers.first { $0 !== source })
        let migration = try await cluster.beginMigration(ofSlot: Int(try #require(slot)), to: target)
        // Read from the target by ASK at first, and by MOVED when all is done.
        let read = try await read(set.elements) { () async throws in
            #expect(try await migration.moveKeys(atMost: 1) == 1)
        }
        #expect(read.elements == Self.elements)
        let again = try await self.read(set.elements) { try await migration.finish() }
        #expect(again.elements == Self.elements)
        await pool.close()
    }

    private final class ReplicatedSet: SetCache<Int>, @unchecked Sendable {
        override class var reads: ReadPreference { .preferReplica }
    }

    @Test("A class that prefers replicas reads from the owner alone, whatever they have")
    func replicas() async throws {
        let options = ["a", "b", "c"].map { LocalServer.Options(name: $0) }
        try await withLocalFleet(options) { fleet in
            let pool = try CachePool(
                patiently: [fleet.dsns[0]]
                    + fleet.dsns.dropFirst().map { $0.replacing("#", with: "?replica-of=a#") })
            let set = ReplicatedSet("a", on: pool)
            // Each has the same elements, but in another order, as real replicas have. Another task writes,
            // since one that has written reads from the owner anyway.
            try await Task {
                for server in fleet.servers {
                    let pool = try CachePool(patiently: [server.dsn])
                    try await SetCache<Int>(key: set.key, on: pool).insert(contentsOf: Self.elements)
                    await pool.close()
                }
            }.value
            let read = try await read(set.elements) {}
            #expect(read.elements == Self.elements)
            #expect(read.count == Self.elements.count)
            await pool.close()
        }
    }
}

import Testing

@testable import CachesTesting

@Suite("The slots of a cluster")
struct ClusterMigrationTests {
    /// The slot of the keys `{a}1`, `{a}2`, …
    static let slot = 15_495

    @Test(
        "The slots of a cluster move with their keys, while both masters serve",
        arguments: [
            LocalServer.Options(), .init(transport: .tls(), access: .user("app", password: "s3cr:et@")),
        ])
    func move(options: LocalServer.Options) async throws {
        try await withLocalCluster(replicasPerMaster: 0, options: options) { cluster in
            let source = try await cluster.master(ofSlot: Self.slot)
            let target = try await cluster.master(ofSlot: 0)
            for number in 1...300 { try await source.command("SET", "{a}\(number)", "\(number)") }
            let first = Self.slot - 3000

            try await cluster.migrate(first..<Self.slot + 1, from: source, to: target)
            #expect(try await cluster.slots(of: target) == [0...5460, first...Self.slot])
            #expect(try await cluster.slots(of: source).first == 10_922...first - 1)
            #expect(try await target.command("DBSIZE").integer == 300)
            #expect(try await source.command("DBSIZE").integer == 0)
            #expect(try await target.command("GET", "{a}300").text == "300")
            for server in cluster.servers where server !== target {
                let error = await #expect(throws: FleetError.self) { try await server.command("GET", "{a}1") }
                #expect(error?.message.contains("MOVED \(Self.slot)") == true)
            }
        }
    }

    @Test(
        "The slots of a cluster can be held on their way, and then go on or back", arguments: [true, false])
    func held(goesOn: Bool) async throws {
        try await withLocalCluster(replicasPerMaster: 0) { cluster in
            let target = try await cluster.master(ofSlot: 0)
            let source = try await cluster.master(ofSlot: Self.slot)
            for number in 1...20 { try await source.command("SET", "{a}\(number)", "x") }

            let migration = try await cluster.beginMigration(ofSlot: Self.slot, to: target)
            #expect(migration.source === source && migration.target === target)
            #expect(try await migration.moveKeys(atMost: 5) == 5)
            #expect(try await cluster.master(ofSlot: Self.slot) === source)
            var asked = 0
            for number in 1...20 {
                do {
                    try await source.command("GET", "{a}\(number)")
                } catch let error as FleetError where error.message.contains("ASK \(Self.slot)") {
                    asked += 1
                }
            }
            #expect(asked == 5)

            if goesOn { try await migration.finish() } else { try await migration.cancel() }
            let owner = goesOn ? target : source
            #expect(try await cluster.master(ofSlot: Self.slot) === owner)
            #expect(try await owner.command("DBSIZE").integer == 20)
        }
    }

    @Test("The slots of a cluster stay when the target is down")
    func down() async throws {
        try await withLocalCluster(masters: 2, replicasPerMaster: 0) { cluster in
            let (source, target) = (cluster.servers[1], cluster.servers[0])
            target.kill()
            let error = await #expect(throws: FleetError.self) {
                try await cluster.migrate([Self.slot], from: source, to: target)
            }
            #expect(error?.message.contains("cluster1") == true)
        }
    }

    @Test("The slots of a cluster go to a master that joins, and come back before it leaves")
    func growsAndShrinks() async throws {
        let options = LocalServer.Options(lines: ["cluster-allow-replica-migration no"])
        try await withLocalCluster(replicasPerMaster: 0, options: options) { cluster in
            let new = try await cluster.addMaster()
            #expect(new.name == "cluster4" && cluster.servers.last === new)
            #expect(try await cluster.masters().count == 4)
            let old = try await cluster.master(ofSlot: 0)
            try await cluster.migrate(0..<100, from: old, to: new)
            #expect(try await cluster.slots(of: new) == [0...99])

            let replica = try await cluster.addReplica(of: new)
            #expect(try await cluster.replicas(of: new).map(\.name) == ["cluster5"])
            let error = await #expect(throws: FleetError.self) { try await cluster.remove(new) }
            #expect(error?.advice != nil)

            try await cluster.remove(replica)
            try await cluster.migrate(0..<100, from: new, to: old)
            try await cluster.remove(new)
            #expect(!new.isRunning && cluster.servers.count == 3)
            for server in cluster.servers {
                let nodes = try await server.command("CLUSTER", "NODES")
                #expect(nodes.text?.split(separator: "\n").count == 3)
            }
        }
    }
}

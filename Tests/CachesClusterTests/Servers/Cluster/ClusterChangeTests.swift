import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// A cluster that changes while it is used.
@Suite struct ClusterChangeTests {
    /// Keys in one slot, with their values.
    private static let keys = (0..<40).map { "{tag}\($0)" }

    private static let slot = HashSlot.slot(of: "{tag}")

    /// A cluster without replicas and a pool on it, with values at the keys; the server that has them, and
    /// another.
    private func withKeys(
        _ body: (LocalCluster, CachePool, _ source: LocalServer, _ target: LocalServer) async throws -> Void
    ) async throws {
        // Otherwise a master that has given away its last slot would become a replica of the one that got it.
        let options = LocalServer.Options(lines: ["cluster-allow-replica-migration no"])
        try await withLocalCluster(
            replicasPerMaster: 0, options: options, nodeTimeout: ClusterTests.calm
        ) { cluster in
            try await withPool([cluster.dsn]) { pool in
                for key in Self.keys { try await pool.set(key, "value of \(key)") }
                let source = try await cluster.master(ofSlot: Self.slot)
                let target = try #require(cluster.servers.first { $0 !== source })
                try await body(cluster, pool, source, target)
            }
        }
    }

    @Test("A slot on its way: each key is found where it is, and written where it will be")
    func asking() async throws {
        try await withKeys { cluster, pool, source, target in
            let migration = try await cluster.beginMigration(ofSlot: Self.slot, to: target)
            #expect(try await migration.moveKeys(atMost: 20) == 20)
            for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
            let replies = try await pool.batch(Self.keys.map { ["GET", $0] })
            #expect(replies.map(\.text) == Self.keys.map { "value of \($0)" })
            // A key that is nowhere yet.
            try await pool.set("{tag}new", "1")
            #expect(try await pool.get("{tag}new") == "1")
            #expect(try pool.port(of: "{tag}0") == source.port, "who is asked once has not taken over")
            try await migration.finish()
            for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
            #expect(try await pool.get("{tag}new") == "1")
            #expect(try pool.port(of: "{tag}0") == target.port)
        }
    }

    @Test("A slot that has moved is learned with the first call on it")
    func moved() async throws {
        try await withKeys { cluster, pool, source, target in
            try await pool.discover()
            #expect(try pool.port(of: "{tag}0") == source.port)
            try await cluster.migrate([Self.slot], from: source, to: target)
            #expect(try await pool.get("{tag}0") == "value of {tag}0")
            #expect(try pool.port(of: "{tag}0") == target.port)
            let refused = try await source.uses(of: "get").refused
            for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
            #expect(try await source.uses(of: "get").refused == refused)
        }
    }

    @Test("A command on several keys of a slot on its way waits until they are together")
    func tryAgain() async throws {
        try await withKeys { cluster, pool, source, target in
            let migration = try await cluster.beginMigration(ofSlot: Self.slot, to: target)
            try await migration.moveKeys(atMost: 20)
            let node = try pool.node(for: Self.keys[0])
            let read = Task { try await Self.readAll(from: node) }
            try await eventually { try await source.hasAnsweredTryAgain }
            try await migration.finish()
            #expect(try await read.value == Self.keys.map { "value of \($0)" })
        }
    }

    @Test(
        "A command on several keys of a slot on its way waits also if the server that it was sent to leaves the cluster"
    )
    func tryAgainElsewhere() async throws {
        try await withKeys { cluster, _, source, target in
            let migration = try await cluster.beginMigration(ofSlot: Self.slot, to: target)
            try await migration.moveKeys(atMost: 20)
            let port = try #require(source.port)
            // As if the server had another address, until the cluster's own table is known.
            let (proxy, gate) = (try FaultProxy(to: source), try FaultProxy(to: source))
            gate.fault = .refuse
            let seed = try ScriptedServer([.answerUntil("CLUSTER"), .table(ofPort: proxy.port)])
            let dsn = "redis+cluster://127.0.0.1:\(seed.port),127.0.0.1:\(gate.port)#c"
            try await withPool([dsn]) { pool in
                try await pool.discover()
                let node = try pool.node(for: Self.keys[0])
                let read = Task { try await Self.readAll(from: node) }
                try await eventually { try await source.hasAnsweredTryAgain }
                seed.stop()
                gate.fault = .none
                node.cluster?.requestRefresh()
                try await eventually { try pool.port(of: Self.keys[0]) == port }
                try await eventually { (try? await node.send("PING")) == nil }
                try await migration.finish()
                #expect(try await read.value == Self.keys.map { "value of \($0)" })
            }
            seed.stop()
            proxy.stop()
            gate.stop()
        }
    }

    private static func readAll(from node: Node) async throws -> [String?]? {
        try await node.send(idempotent: true, forKey: true, deadline: .after(.seconds(60))) { command in
            command.begin(1 + keys.count)
            command.argument("MGET")
            for key in keys { command.argument(key) }
        }.array?.map(\.text)
    }

    @Test("A command that has to wait for too long says what it waits for")
    func tryAgainTooLong() async throws {
        try await withKeys { cluster, pool, source, target in
            let migration = try await cluster.beginMigration(ofSlot: Self.slot, to: target)
            try await migration.moveKeys(atMost: 20)
            let error = await #expect(throws: CachesError.self) {
                let node = try pool.node(for: Self.keys[0])
                _ = try await node.send(idempotent: true, deadline: .after(.milliseconds(500))) { command in
                    command.begin(1 + Self.keys.count)
                    command.argument("MGET")
                    for key in Self.keys { command.argument(key) }
                }
            }
            #expect(error?.code == .server("TRYAGAIN") || error?.code == .timeout)
            #expect(error?.advice?.isEmpty == false)
        }
    }

    @Test("A transaction whose slot is on its way, or has moved, is carried out once")
    func transactions() async throws {
        try await withKeys { cluster, pool, source, target in
            let counters = ["{tag}a", "{tag}b"]
            func count() async throws -> [Reply] {
                let commands = try counters.map { key in
                    RoutedCommand(try pool.route(of: key), idempotent: false, bytes: 0) {
                        $0.words("INCR", key)
                    }
                }
                return try await pool.node(for: counters[0]).sendAsOne(
                    commands, deadline: .after(.seconds(60)))
            }
            #expect(try await count() == [.integer(1), .integer(1)])
            let migration = try await cluster.beginMigration(ofSlot: Self.slot, to: target)
            while try await migration.moveKeys(atMost: 10) > 0 {}
            #expect(try await count() == [.integer(2), .integer(2)], "both are at the target")
            try await migration.finish()
            #expect(try await count() == [.integer(3), .integer(3)])
            #expect(try await count() == [.integer(4), .integer(4)])
            for counter in counters { #expect(try await pool.get(counter) == "4") }
        }
    }

    @Test("A server that joins is used, and one that leaves is let go of")
    func membership() async throws {
        try await withKeys { cluster, pool, source, target in
            let other = try await cluster.addMaster()
            let slots = try await cluster.slots(of: source).flatMap(Array.init)
            try await cluster.migrate(slots, from: source, to: other)
            for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
            #expect(try pool.port(of: Self.keys[0]) == other.port)
            try await cluster.remove(source)
            // A caller needs the table, or the interval is over.
            try await eventually {
                try pool.node(for: Self.keys[0]).cluster?.requestRefresh()
                return try !pool.nodes.contains { $0.configuration.connection.endpoint == source.endpoint }
            }
            #expect(try pool.nodes.count == 3)
            for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
            let known = try #require(pool.node(for: Self.keys[0]).cluster).shared.withLock { $0.nodes.values }
            #expect(!known.contains { $0.configuration.connection.endpoint == source.endpoint })
        }
    }

    @Test("A call on its way to a server that left goes on to the server that has the key")
    func left() async throws {
        try await withKeys { cluster, pool, source, _ in
            let node = try pool.node(for: Self.keys[0])
            let other = try await cluster.addMaster()
            let slots = try await cluster.slots(of: source).flatMap(Array.init)
            try await cluster.migrate(slots, from: source, to: other)
            try await cluster.remove(source)
            try await eventually {
                node.cluster?.requestRefresh()
                return try !pool.nodes.contains { $0 === node }
            }
            let reply = try await node.send(idempotent: false, forKey: true, deadline: .after(.seconds(30))) {
                $0.words("GET", Self.keys[0])
            }
            #expect(reply.text == "value of \(Self.keys[0])")
            // No other server answers a call that is meant for this one.
            await #expect(throws: CachesError.self) { try await node.send("PING") }
        }
    }

    @Test("A planned failover is followed, and no acknowledged write is lost")
    func failover() async throws {
        try await withLocalCluster(nodeTimeout: ClusterTests.calm) { cluster in
            try await withPool([cluster.dsn]) { pool in
                for key in Self.keys { try await pool.set(key, "value of \(key)") }
                let former = try await cluster.master(ofSlot: Self.slot)
                let successor = try await cluster.failOver(former)
                for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
                try await pool.set(Self.keys[0], "other")
                #expect(try await successor.command("GET", Self.keys[0]).text == "other")
                #expect(try pool.port(of: Self.keys[0]) == successor.port)
            }
        }
    }

    @Test(
        "When a master dies its calls fail at once, until its replica has taken over; other calls go on")
    func death() async throws {
        try await withLocalCluster(nodeTimeout: .seconds(2)) { cluster in
            try await withPool([cluster.dsn]) { pool in
                for key in Self.keys { try await pool.set(key, "value of \(key)") }
                try await pool.discover()
                let master = try await cluster.master(ofSlot: Self.slot)
                let node = try pool.node(for: Self.keys[0])
                let events = pool.events
                master.kill()
                try await eventually { node.isOut }
                do {
                    // A busy machine may have taken so long that the replica has been asked already.
                    #expect(try await pool.get(Self.keys[0]) == "value of \(Self.keys[0])")
                } catch let error as CachesError {
                    #expect(error.code == .unreachable || error.code == .connectionLost)
                    #expect(error.node == node.name)
                }
                _ = try await cluster.waitForFailover(of: master)
                try await eventually { (try? await pool.get(Self.keys[0])) == "value of \(Self.keys[0])" }
                for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
                var told = false
                for await event in events {
                    told = event.node == node.name && event.to == .ejected
                    if told { break }
                }
                #expect(told)
                // It comes back as a replica of the one that took over.
                try await master.restart()
                try await cluster.waitUntilSettled()
                for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
            }
        }
    }

    @Test("A cluster that is down says so, within the call's time, and is used again when it is up")
    func clusterDown() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .milliseconds(500)) { cluster in
            try await withPool([cluster.dsn]) { pool in
                let key = Self.keys[0]
                try await pool.set(key, "value")
                let owner = try await cluster.master(ofSlot: Self.slot)
                let other = try #require(cluster.servers.first { $0 !== owner })
                other.kill()
                try await eventually {
                    try await owner.command("CLUSTER", "INFO").text?.contains("cluster_state:fail") == true
                }
                let error = await #expect(throws: CachesError.self) {
                    let node = try pool.node(for: key)
                    _ = try await node.send(idempotent: true, deadline: .after(.milliseconds(500))) {
                        $0.words("GET", key)
                    }
                }
                #expect(error?.code == .server("CLUSTERDOWN") || error?.code == .timeout)
                try await other.restart()
                try await eventually { (try? await pool.get(key)) == "value" }
            }
        }
    }
}

extension LocalServer {
    fileprivate var endpoint: Endpoint { .tcp(host: "127.0.0.1", port: port ?? 0) }

    fileprivate var hasAnsweredTryAgain: Bool {
        get async throws {
            try await command("INFO", "errorstats").text?.contains("errorstat_TRYAGAIN") == true
        }
    }
}

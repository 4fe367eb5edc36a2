import CachesTesting
import CachesTransport
import Logging
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// Servers that die, hang, lie and return, with the default health settings.
@Suite struct HealthTests {
    @Test("A dead node is put out under load, and the events tell its way out and back")
    func dead() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent, health: HealthConfiguration())
            let node = try pool.nodes[1]
            let events = pool.events
            let load = Task(executorPreference: EventLoops.forTasks) {
                while !Task.isCancelled { for node in try pool.nodes { _ = try? await node.send("PING") } }
            }
            try await eventually { node.counters.calls > 100 }
            fleet.servers[1].kill()
            try await eventually { node.isOut }
            #expect(try pool.nodes.map(\.isOut) == [false, true, false])
            try await fleet.servers[1].restart()
            try await eventually { !node.isOut }
            load.cancel()
            try await load.value
            await pool.close()

            var changes: [NodeHealth] = []
            for await event in events {
                #expect(event.node == node.name)
                #expect((event.reason == nil) != (event.to == .ejected || event.to == .suspect))
                changes.append(event.to)
            }
            #expect(changes.contains(.ejected))
            #expect(changes.suffix(3) == [.probing, .rejoining, .healthy])
            #expect(pool.droppedEvents == 0)
            let counters = node.counters
            #expect(counters.ejections == 1)
            #expect(counters.returns == 1)
            #expect(counters.connections >= 2)
            #expect(counters.pings >= 3)
            #expect(counters.refused > 0)
        }
    }

    @Test(
        "A node that hangs is put out, and calls fail at once from then on",
        arguments: [true, false])
    func hangs(isUsed: Bool) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withHealth(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                if isUsed { _ = try await node.send("PING") }
                fleet.servers[0].pause()
                try await expectEjection(of: node, code: .timeout)
                let elapsed = await onLoop {
                    let start = ContinuousClock.now
                    for _ in 0..<100 {
                        await #expect(throws: CachesError.self) {
                            try await node.send("PING", deadline: .after(.seconds(60)))
                        }
                    }
                    return ContinuousClock.now - start
                }
                #expect(elapsed < .seconds(15))
                fleet.servers[0].resume()
                try await eventually { !node.isOut }
                #expect(try await node.send("PING") == .status("PONG"))
            }
        }
    }

    @Test("An address that swallows connections is put out, and delays nobody else")
    func blackHole() async throws {
        let hole = try BlackHole()
        try await withLocalFleet(nodes: 1) { fleet in
            try await withHealth([hole.dsn(), fleet.dsns[0]]) { pool in
                let nodes = try pool.nodes
                let neighbour = Task(executorPreference: EventLoops.forTasks) {
                    var slowest = Duration.zero
                    while !Task.isCancelled {
                        let start = ContinuousClock.now
                        _ = try await nodes[1].send("PING", deadline: .after(.seconds(60)))
                        slowest = max(slowest, ContinuousClock.now - start)
                    }
                    return slowest
                }
                try await expectEjection(of: nodes[0], code: .timeout)
                neighbour.cancel()
                if case .success(let slowest) = await neighbour.result {
                    #expect(slowest < .seconds(15))
                }
            }
        }
    }

    @Test("A node that hangs while nobody calls it is found out by its pings")
    func idle() async throws {
        var health = HealthConfiguration()
        health.pingInterval = .milliseconds(50)
        try await withLocalFleet(nodes: 1) { fleet in
            try await withHealth(fleet.dsns, health) { pool in
                let node = try pool.nodes[0]
                #expect(node.counters.pings == 0)
                _ = try await node.send("PING")
                try await eventually { node.counters.pings >= 3 }
                #expect(node.health == .healthy)
                fleet.servers[0].pause()
                try await eventually { node.isOut }
                #expect(node.counters.calls == 1)
                fleet.servers[0].resume()
                try await eventually { node.health == .healthy }
            }
        }
    }

    @Test("A node that is never used is left alone")
    func unused() async throws {
        var health = HealthConfiguration()
        health.pingInterval = .milliseconds(1)
        try await withLocalFleet(nodes: 2) { fleet in
            try await withHealth(fleet.dsns, health) { pool in
                try await eventually {
                    _ = try await pool.nodes[0].send("PING")
                    return try pool.nodes[0].counters.pings > 20
                }
                #expect(try pool.nodes[1].counters == NodeCounters())
                #expect(try await fleet.servers[1].clients().isEmpty)
            }
        }
    }

    @Test("A call that is late on a node that is well doesn't put it out")
    func slowCommand() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withHealth(fleet.dsns, patientHealth) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                for _ in 0..<20 {
                    await #expect(throws: CachesError.self) {
                        try await node.sendBlocking(
                            "BLPOP", "none", "0.1", deadline: .after(.milliseconds(10)))
                    }
                }
                try await eventually { node.health == .healthy }
                #expect(node.counters.ejections == 0)
                #expect(node.counters.late == 20)
            }
        }
    }

    @Test("A call whose deadline had passed says nothing about the node", arguments: [true, false])
    func tooLate(isPipeline: Bool) async throws {
        var health = patientHealth
        health.failuresToEject = 1
        try await withLocalFleet(nodes: 1) { fleet in
            try await withHealth(fleet.dsns, health) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let deadline = Deadline.after(.zero)
                try await eventually { deadline.hasPassed }
                let error = await #expect(throws: CachesError.self) {
                    if isPipeline {
                        _ = try await node.pipeline(1, idempotent: true, deadline: deadline) {
                            $0.words("PING")
                        }
                    } else {
                        _ = try await node.send("PING", deadline: deadline)
                    }
                }
                #expect(error?.code == .timeout)
                #expect(node.health == .healthy)
                #expect(node.counters.late == 1)
            }
        }
    }

    @Test(
        "A server that answers that it can't serve is out at once",
        arguments: ["LOADING", "MASTERDOWN", "NOAUTH"])
    func unready(word: String) async throws {
        let server = try ScriptedServer([.answerUntil("GET"), .send("-\(word) not now\r\n")])
        defer { server.stop() }
        for isPipeline in [true, false] {
            try await withHealth([server.dsn()], patientHealth) { pool in
                let node = try pool.nodes[0]
                if isPipeline {
                    let replies = try await node.pipeline(1, deadline: node.deadline()) { command in
                        command.begin(2)
                        command.argument("GET")
                        command.argument("key")
                    }
                    guard case .error = replies.first else { return #expect(Bool(false), "it answered") }
                } else {
                    await #expect(throws: CachesError.self) { try await node.send("GET", "key") }
                }
                #expect(node.counters.ejections == 1)
                #expect(node.counters.unready == 1)
            }
        }
    }

    @Test("After a NOAUTH reply to a ping, a new connection sends the password")
    func unauthenticated() async throws {
        var steps: [ScriptedServer.Step] = [.answerUntil("PING"), .send("+PONG\r\n")]
        // The answer is the same as often as it is asked over this connection.
        for _ in 0..<100 { steps += [.answerUntil("PING"), .send("-NOAUTH not now\r\n")] }
        let server = try ScriptedServer(ScriptedServer.Script(steps))
        defer { server.stop() }
        var health = patientHealth
        health.pingInterval = .milliseconds(1)
        health.firstRetry = .milliseconds(1)
        health.retryCap = .milliseconds(1)
        try await withHealth([server.dsn()], health) { pool in
            let node = try pool.nodes[0]
            _ = try await node.send("GET", "key")
            try await eventually { node.counters.pings > 4 }
            #expect(server.acceptedConnections > 1)
        }
    }

    @Test("A master that became a replica is out until it is a master again, though it answers pings")
    func readOnly() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            try await withHealth([fleet.dsns[0]], patientHealth) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("SET", "key", "1")
                try await fleet.servers[0].command(
                    "REPLICAOF", "127.0.0.1", "\(fleet.servers[1].port ?? 0)")
                try await eventually {
                    _ = try? await node.send("SET", "key", "2")
                    return node.isOut
                }
                // It would be back after three pings.
                let pings = node.counters.pings
                try await eventually { node.counters.pings > pings + 5 }
                #expect(node.counters.returns == 0)
                try await fleet.servers[0].command("REPLICAOF", "NO", "ONE")
                try await eventually { !node.isOut }
                _ = try await node.send("SET", "key", "3")
            }
        }
    }

    @Test("When most nodes are out, none stands in for another, and all are used when they answer again")
    func panic() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            try await withHealth(fleet.dsns) { pool in
                let nodes = try pool.nodes
                for node in nodes { _ = try await node.send("PING") }
                for index in 0..<2 { fleet.servers[index].pause() }
                for node in nodes[..<2] { try await expectEjection(of: node, code: .timeout) }
                #expect(pool.isInPanic)
                #expect(
                    try pool.standIn(for: "key", connection: .sharded, owner: nodes[0], ttl: .seconds(1))
                        == nil)
                fleet.servers[0].resume()
                try await eventually { !pool.isInPanic }
                #expect(
                    try pool.standIn(for: "key", connection: .sharded, owner: nodes[1], ttl: .seconds(1))
                        != nil)
                fleet.servers[1].resume()
                for node in nodes { try await eventually { !node.isOut } }
            }
        }
    }

    /// Expects that a node which doesn't answer is put out. `HealthStateMachineTests` know how soon.
    private func expectEjection(of node: Node, code: CachesError.Code) async throws {
        let deadline = Duration.milliseconds(200)
        let error = await onLoop {
            await #expect(throws: CachesError.self) {
                try await node.send("PING", deadline: .after(deadline))
            }
        }
        #expect(error?.code == code)
        try await eventually { node.isOut }
        guard case .down(let reason) = node.state else { return #expect(Bool(false), "it is not down") }
        #expect(reason.advice != nil)
    }
}

/// Health settings that a machine which is kept busy by other tests does not disturb.
private var patientHealth: HealthConfiguration {
    var health = HealthConfiguration()
    health.pingTimeout = .seconds(60)
    return health
}

extension CachePool {
    /// A pool whose nodes' health is as given.
    convenience init(_ dsns: [String], logger: Logger = silent, health: HealthConfiguration) throws {
        var configuration = try PoolConfiguration(dsns: dsns)
        configuration.deadline = .seconds(10)
        configuration.health = health
        try self.init(configuration, logger: logger)
    }
}

private func withHealth(
    _ dsns: [String], _ health: HealthConfiguration = HealthConfiguration(),
    _ body: (CachePool) async throws -> Void
) async throws {
    let pool = try CachePool(dsns, health: health)
    do {
        try await body(pool)
        await pool.close()
    } catch {
        await pool.close(deadline: .after(.milliseconds(1)))
        throw error
    }
}

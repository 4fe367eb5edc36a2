import CachesTesting
import CachesTransport
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// The work between a node's first answers and its first calls.
@Suite struct RejoinTests {
    /// A gate that a test opens, and the number of entries.
    final class Gate: Sendable {
        private let state = Mutex((entries: 0, cancellations: 0, isOpen: false))

        var entries: Int { state.withLock { $0.entries } }
        var cancellations: Int { state.withLock { $0.cancellations } }

        func open() { state.withLock { $0.isOpen = true } }

        /// Waits until the gate is open.
        func pass() async throws {
            state.withLock { $0.entries += 1 }
            while !state.withLock({ $0.isOpen }) {
                do { try await Task.sleep(for: .milliseconds(1)) } catch {
                    state.withLock { $0.cancellations += 1 }
                    throw error
                }
            }
        }
    }

    @Test("Until the work of its return is done, the node is out for calls and not for that work")
    func gate() async throws {
        let gate = Gate()
        let answers = Mutex<[Reply]>([])
        try await withNode { node in
            let call = Node.Call(idempotent: true, deadline: .after(.seconds(30)), reach: .readmission)
            let answer = try await node.carryOut(call) { $0.words("GET", "key") }
            answers.withLock { $0 += answer.replies }
            try await gate.pass()
        } _: { node, server in
            _ = try await node.send("PING")
            server.kill()
            try await eventually { node.isOut }
            try await server.restart()
            try await server.command("SET", "key", "there")
            try await eventually { gate.entries == 1 }
            #expect(node.health == .rejoining)
            #expect(node.isOut)
            let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
            #expect(error?.node == node.name)
            #expect(answers.withLock { $0.map(\.text) } == ["there"])
            gate.open()
            try await eventually { node.health == .healthy }
            #expect(try await node.send("PING") == .status("PONG"))
            #expect(gate.entries == 1)
        }
    }

    @Test("A second outage meanwhile puts the node out again, and the work is done again")
    func secondOutage() async throws {
        let gate = Gate()
        try await withNode { _ in
            try await gate.pass()
        } _: { node, server in
            _ = try await node.send("PING")
            server.kill()
            try await eventually { node.isOut }
            try await server.restart()
            try await eventually { node.health == .rejoining }
            server.kill()
            try await eventually { node.health == .ejected || node.health == .probing }
            try await eventually { gate.cancellations == 1 }
            try await server.restart()
            try await eventually { gate.entries == 2 }
            #expect(node.isOut)
            gate.open()
            try await eventually { node.health == .healthy }
        }
    }

    @Test("Failed work is tried again")
    func fails() async throws {
        let attempts = Mutex(0)
        try await withNode { _ in
            let attempt = attempts.withLock {
                $0 += 1; return $0
            }
            if attempt < 3 { throw CachesError(.timeout, "it is late", node: "another") }
        } _: { node, server in
            _ = try await node.send("PING")
            server.kill()
            try await eventually { node.isOut }
            try await server.restart()
            try await eventually {
                // Calls get an error that names their own node, whichever node failed.
                if case .down(let error) = node.state {
                    #expect(error.node == nil || error.node == node.name)
                }
                return node.health == .healthy
            }
            #expect(attempts.withLock { $0 } == 3)
        }
    }

    @Test("Work that takes too long is given up, and tried again")
    func tooLong() async throws {
        let gate = Gate()
        var health = HealthConfiguration()
        health.rejoinTimeout = .milliseconds(50)
        try await withNode(health) { _ in
            try await gate.pass()
        } _: { node, server in
            _ = try await node.send("PING")
            server.kill()
            try await eventually { node.isOut }
            try await server.restart()
            try await eventually { gate.cancellations >= 2 }
            #expect(node.isOut)
            gate.open()
            try await eventually { node.health == .healthy }
        }
    }

    @Test("A node comes back while another one hangs, at its first attempt")
    func otherHangs() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .milliseconds(500)
            // The servers have just started: nobody wrote their earlier data.
            configuration.returnRules.lossMargin = .zero
            // How long the third one has to answer, also on a busy machine.
            configuration.health.pingTimeout = .seconds(4)
            let pool = try CachePool(configuration, logger: silent)
            let nodes = try pool.nodes
            for node in nodes { _ = try await node.send("PING", deadline: .after(.seconds(60))) }
            let events = pool.events
            fleet.servers[0].kill()
            try await eventually { nodes[0].isOut }
            fleet.servers[1].pause()
            try await fleet.servers[0].restart()
            try await eventually { nodes[0].health == .healthy }
            // The notes of one of two holders are enough to know of all.
            #expect(!nodes[0].isInDoubt)
            await pool.close(deadline: .after(.milliseconds(1)))
            let changes = await events.reduce(into: [NodeHealth]()) { changes, event in
                if event.node == nodes[0].name { changes.append(event.to) }
            }
            #expect(changes.suffix(3) == [.probing, .rejoining, .healthy])
            #expect(changes.count { $0 == .rejoining } == 1)
        }
    }

    @Test("Keys that a node keeps for others end with each return, also when the one before is forgotten")
    func generations() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let pool = try CachePool(try PoolConfiguration(dsns: fleet.dsns), logger: silent)
            let (server, node) = (fleet.servers[0], try pool.nodes[0])
            _ = try await node.send("PING", deadline: .after(.seconds(60)))
            var generations: [String?] = []
            for _ in 1...2 {
                server.kill()
                try await eventually { node.isOut }
                try await server.restart()
                try await eventually { node.health == .healthy }
                generations.append(try await server.command("GET", StandInKeys.generation).text)
                let left = try #require(try await server.command("PTTL", StandInKeys.generation).integer)
                #expect(left > 0 && left <= 24 * 3600 * 1000)
                // As when that time has passed.
                try await server.command("DEL", StandInKeys.generation)
            }
            #expect(generations[0] != nil && generations[1] != nil && generations[0] != generations[1])
            await pool.close(deadline: .after(.milliseconds(1)))
        }
    }

    @Test("Closing the node ends the work under way")
    func closes() async throws {
        let gate = Gate()
        try await withNode { _ in
            try await gate.pass()
        } _: { node, server in
            _ = try await node.send("PING")
            server.kill()
            try await eventually { node.isOut }
            try await server.restart()
            try await eventually { node.health == .rejoining }
            await node.close(deadline: .after(.seconds(1)))
            try await eventually { gate.cancellations == 1 }
            #expect(node.state.description == "closed")
        }
    }

    private func withNode(
        _ health: HealthConfiguration = HealthConfiguration(),
        _ readmit: @escaping @Sendable (Node) async throws -> Void,
        _ body: (Node, LocalServer) async throws -> Void
    ) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            var health = health
            health.pingTimeout = .seconds(60)
            var hooks = NodeHooks()
            hooks.readmit = readmit
            let node = try Node(
                NodeConfiguration(dsn: fleet.dsns[0]), fingerprint: "test", defaultDeadline: .seconds(30),
                health: health, hooks: hooks, logger: silent)
            try await body(node, fleet.servers[0])
            await node.close(deadline: .after(.seconds(1)))
        }
    }
}

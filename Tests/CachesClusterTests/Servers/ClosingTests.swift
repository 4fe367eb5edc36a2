import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// The end of a pool: closed by its owner, or no longer referred to.
@Suite struct ClosingTests {
    private static let servers = everyTransport.map { LocalServer.Options(transport: $0) }

    @Test("A closed pool has no client on any server, and its calls say that it is closed")
    func closes() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent)
            for node in try pool.nodes { _ = try await node.send("PING") }
            await pool.close()
            for (node, server) in zip(try pool.nodes, fleet.servers) {
                try await eventually { try await server.clients().isEmpty }
                #expect(node.state.description == "closed")
                #expect(node.session == nil)
                let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                #expect(error?.code == .closed)
                #expect(error?.node == node.name)
                #expect(error?.advice != nil)
            }
            await pool.close()
        }
    }

    @Test("Closing lets calls under way end")
    func drains() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent)
            let calls = try pool.nodes.map { node in
                Task { try await node.sendBlocking("BLPOP", "list", "0", deadline: .after(.seconds(60))) }
            }
            for server in fleet.servers { try await server.isAsked("blpop") }
            let closed = Task { await pool.close(deadline: .after(.seconds(60))) }
            for (node, server) in zip(try pool.nodes, fleet.servers) {
                try await eventually { node.state.description == "closed" }
                try await server.command("LPUSH", "list", "x")
            }
            await closed.value
            for call in calls { #expect(try await call.value.array?.count == 2) }
        }
    }

    @Test("Closing ends at its deadline, whatever is under way")
    func deadline() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent)
            let calls = try pool.nodes.map { node in
                Task { try await node.sendBlocking("BLPOP", "none", "0", deadline: .after(.seconds(60))) }
            }
            for server in fleet.servers { try await server.isAsked("blpop") }
            let elapsed = await onLoop {
                let start = ContinuousClock.now
                await pool.close(deadline: .after(.milliseconds(100)))
                return ContinuousClock.now - start
            }
            #expect(elapsed >= .milliseconds(90) && elapsed < .seconds(30))
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call.value }
                #expect(error?.code == .closed)
            }
        }
    }

    @Test("Closing waits for no node that is down, hangs, or is being connected to")
    func notConnected() async throws {
        let hole = try BlackHole()
        try await withLocalFleet(nodes: 2) { fleet in
            let pool = try CachePool(fleet.dsns + [hole.dsn()], logger: silent)
            let nodes = try pool.nodes
            fleet.servers[0].kill()
            await #expect(throws: CachesError.self) { try await nodes[0].send("PING") }
            fleet.servers[1].pause()
            let calls = nodes[1...].map { node in
                Task { try await node.send("PING", deadline: .after(.seconds(60))) }
            }
            try await eventually { nodes[1...].allSatisfy { $0.state.description == "connecting" } }
            let elapsed = await onLoop {
                let start = ContinuousClock.now
                await pool.close()
                return ContinuousClock.now - start
            }
            #expect(elapsed < .seconds(30))
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call.value }
                #expect(error?.code == .closed)
            }
        }
    }

    @Test("A closed pool doesn't connect again to a node that was down")
    func staysClosed() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            let pool = try CachePool(fleet.dsns, logger: silent)
            let node = try pool.nodes[0]
            server.kill()
            await #expect(throws: CachesError.self) { try await node.send("PING") }
            await pool.close()
            try await server.restart()
            // Longer than the first waits of the back-off, on the server's clock.
            try await server.command("BLPOP", "none", "0.5")
            #expect(try await server.clients().isEmpty)
            #expect(node.state.description == "closed")
        }
    }

    @Test("A pool that nobody refers to closes by itself")
    func dropped() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            weak var node: Node?
            do {
                let pool = try CachePool(fleet.dsns, logger: silent)
                for node in try pool.nodes { _ = try await node.send("PING") }
                node = try pool.nodes[0]
                for server in fleet.servers { #expect(try await server.clients().count == 1) }
            }
            #expect(node == nil)
            for server in fleet.servers {
                try await eventually { try await server.clients().isEmpty }
            }
        }
    }

    @Test("A pool that nobody refers to gives up a node that is down")
    func droppedWhileDown() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            server.kill()
            weak var node: Node?
            do {
                let pool = try CachePool(fleet.dsns, logger: silent)
                node = try pool.nodes[0]
                await #expect(throws: CachesError.self) { try await node?.send("PING") }
            }
            // The loop may be in the middle of telling the node something.
            try await eventually { node == nil }
            try await server.restart()
            try await server.command("BLPOP", "none", "0.5")
            #expect(try await server.clients().isEmpty)
        }
    }

    @Test("A node outlives its pool for as long as a call needs it")
    func outlives() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let waiting = Task {
                try await CachePool(fleet.dsns, logger: silent).nodes[0]
                    .sendBlocking("BLPOP", "list", "0", deadline: .after(.seconds(60)))
            }
            try await fleet.servers[0].isAsked("blpop")
            try await fleet.servers[0].command("RPUSH", "list", "value")
            #expect(try await waiting.value.array?.dropFirst().first?.text == "value")
            try await eventually { try await fleet.servers[0].clients().isEmpty }
        }
    }
}

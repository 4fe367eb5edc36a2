import CachesTesting
import CachesTransport
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// Nodes that are asked for signs of life while this process, or its link, has much other work.
@Suite struct SignsOfLifeTests {
    @Test("A call that the client refuses by itself puts no node out, however often it is refused")
    func bounds() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            var configuration = try PoolConfiguration(nodes: [
                server.node { $0.connection.maximumCommandsInFlight = 50 }
            ])
            configuration.deadline = .seconds(60)
            configuration.health.pingInterval = .milliseconds(20)
            configuration.health.pingTimeout = .seconds(60)
            try await withPool(exactly: configuration) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let busy = Task { try await server.command("EVAL", Self.busyLoop, "0", "500") }
                // The connection is refused an answer as well, until the script is over.
                try await eventually {
                    (try? await node.send("PING", deadline: .after(.milliseconds(50)))) == nil
                }
                let pings = node.counters.pings
                let codes = await withTaskGroup(of: CachesError.Code?.self) { group in
                    for _ in 0..<200 {
                        group.addTask {
                            do {
                                _ = try await node.send("GET", "key")
                                return nil
                            } catch { return (error as? CachesError)?.code }
                        }
                    }
                    return await group.reduce(into: [CachesError.Code?]()) { $0.append($1) }
                }
                _ = try await busy.value
                try await eventually { node.counters.pings > pings + 3 }
                #expect(codes.allSatisfy { $0 == nil || $0 == .overloaded })
                #expect(codes.contains(nil) && codes.contains(.overloaded))
                #expect(node.counters.ejections == 0)
                #expect(node.counters.connections == 1)
            }
        }
    }

    @Test("A value of more bytes than may wait is not ended by the next sign of life")
    func large() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let proxy = try FaultProxy(to: fleet.servers[0])
            defer { proxy.stop() }
            var configuration = try PoolConfiguration(dsns: [proxy.dsn])
            configuration.health.pingInterval = .milliseconds(20)
            configuration.health.pingTimeout = .seconds(60)
            try await withPool(exactly: configuration) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                proxy.fault = .rate(bytesPerSecond: 100_000_000)
                let reply = try await node.set([UInt8](repeating: 0x78, count: 70_000_000))
                #expect(reply == .status("OK"))
                #expect(node.counters.ejections == 0)
                #expect(node.counters.connections == 1)
            }
        }
    }

    @Test(
        "A link that is busy with one large value is not a silent server",
        arguments: [(30_000_000, 10_000_000), (6_000_000, 2_000_000)], [true, false])
    func slowLink(size: (bytes: Int, aSecond: Int), isUpload: Bool) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let proxy = try FaultProxy(to: fleet.servers[0])
            defer { proxy.stop() }
            var configuration = try PoolConfiguration(dsns: [proxy.dsn])
            configuration.deadline = .seconds(120)
            configuration.nodes[0].connection.stallTimeout = .seconds(60)
            configuration.health.pingInterval = .milliseconds(50)
            configuration.health.pingTimeout = .seconds(1)
            configuration.health.failuresToEject = 1
            try await withPool(exactly: configuration) { pool in
                let node = try pool.nodes[0]
                let value = [UInt8](repeating: 0x78, count: size.bytes)
                if !isUpload { _ = try await node.set(value) }
                _ = try await node.send("PING")
                proxy.fault = .rate(bytesPerSecond: size.aSecond)
                if isUpload {
                    #expect(try await node.set(value) == .status("OK"))
                } else {
                    #expect(try await node.send("GET", "large").bytes?.count == size.bytes)
                }
                #expect(node.counters.pings > 0)
                #expect(node.counters.ejections == 0)
                #expect(node.counters.connections == 1)
            }
        }
    }

    @Test("Two bytes a second are not a sign of life")
    func trickle() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let proxy = try FaultProxy(to: fleet.servers[0])
            defer { proxy.stop() }
            var configuration = try PoolConfiguration(dsns: [proxy.dsn])
            configuration.nodes[0].connection.stallTimeout = .seconds(60)
            configuration.health.pingInterval = .milliseconds(50)
            try await withPool(exactly: configuration) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                proxy.fault = .rate(bytesPerSecond: 2)
                try await eventually { node.isOut }
            }
        }
    }

    @Test(
        "A sign of life that has to open a connection gets the time for that, also at a suspect node")
    func opening() async throws {
        let looksUp = Mutex(0)
        try await withLocalFleet(nodes: 1) { fleet in
            let port = fleet.servers[0].port ?? 0
            let resolver = Resolver { _, _ in
                // From the second time on it takes longer than a sign of life may.
                if looksUp.withLock({
                    $0 += 1; return $0
                }) > 1 {
                    DispatchSemaphore(value: 0).expire(1500)
                }
                return ("127.0.0.1", port)
            }
            var health = HealthConfiguration()
            health.pingTimeout = .seconds(1)
            health.failuresToEject = 2
            try await withNamedNode(resolver, health) { node in
                _ = try await node.send("PING")
                try await fleet.servers[0].command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually { node.counters.connections == 2 && node.health == .healthy }
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("A call whose time is over while a connection opens says nothing about the node")
    func stillOpening() async throws {
        let hang = DispatchSemaphore(value: 0)
        defer { for _ in 0..<10 { hang.signal() } }
        let resolver = Resolver { host, port in
            hang.wait()
            return (host, port)
        }
        try await withNamedNode(resolver) { node in
            let error = await #expect(throws: CachesError.self) {
                try await node.send("PING", deadline: .after(.milliseconds(50)))
            }
            #expect(error?.code == .timeout)
            #expect(error?.wasNotSent == true)
            #expect(node.health == .healthy)
        }
    }

    @Test(
        "A server that answers BUSY is asked, has as long as a silent one, and is used again when it is through"
    )
    func busy() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            try await server.command("CONFIG", "SET", "busy-reply-threshold", "1")
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .seconds(60)
            configuration.health.pingTimeout = .seconds(20)
            try await withPool(exactly: configuration) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let busy = Task { try? await server.command("EVAL", Self.busyLoop, "0", "600000") }
                try await eventually { await Self.isBusy(node) }
                #expect(node.counters.unready > 0)
                #expect(node.counters.ejections == 0)
                try await server.command("SCRIPT", "KILL")
                _ = await busy.value
                try await eventually { (try? await node.send("PING")) != nil && node.health == .healthy }
                #expect(node.counters.ejections == 0)
            }
        }
    }

    private static func isBusy(_ node: Node) async -> Bool {
        do {
            _ = try await node.send("PING")
            return false
        } catch { return (error as? CachesError)?.code.serverName == "BUSY" }
    }

    /// Keeps the server from all other work for so many milliseconds.
    private static let busyLoop = """
        local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
        redis.replicate_commands()
        local start = now()
        while now() - start < tonumber(ARGV[1]) do end
        return 1
        """
}

extension DispatchSemaphore {
    /// Waits by polling, since nothing signals it.
    fileprivate func expire(_ milliseconds: Int) {
        _ = wait(timeout: .now() + .milliseconds(milliseconds))
    }
}

extension Node {
    /// Stores a value of many bytes.
    func set(_ value: [UInt8]) async throws -> Reply {
        try await send(idempotent: true, deadline: .after(.seconds(120))) { command in
            command.begin(3)
            command.argument("SET")
            command.argument("large")
            command.argument(value)
        }
    }
}

/// Makes a node whose host is a name that `resolver` knows, calls `body`, and closes it.
func withNamedNode(
    _ resolver: Resolver, _ health: HealthConfiguration = HealthConfiguration(),
    _ change: (inout NodeConfiguration) -> Void = { _ in }, _ body: (Node) async throws -> Void
) async throws {
    var configuration = try NodeConfiguration(dsn: "redis://cache.test#named")
    configuration.connection.connectTimeout = .seconds(60)
    change(&configuration)
    let node = Node(
        configuration, fingerprint: "test", defaultDeadline: .seconds(30), health: health, logger: silent,
        resolver: resolver)
    try await body(node)
    await node.close(deadline: .after(.milliseconds(1)))
}

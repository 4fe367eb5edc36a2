import CachesTesting
import CachesTransport
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// Names that lead to several addresses, to others by now, or to none; and answers that only another
/// connection can change.
@Suite struct NewConnectionTests {
    /// A name that leads where a test says.
    private final class Name: Sendable {
        private let state: Mutex<(ports: [Int], asked: Int)>

        init(_ ports: Int?...) { state = Mutex((ports.map { $0 ?? 0 }, 0)) }

        /// The address that it leads to; nil if the name service fails.
        var ports: [Int] {
            get { state.withLock { $0.ports } }
            set { state.withLock { $0.ports = newValue } }
        }

        var timesAsked: Int { state.withLock { $0.asked } }

        var resolver: Resolver {
            Resolver(translatingToAll: { _, _ in
                self.state.withLock { state in
                    state.asked += 1
                    return state.ports.map { ("127.0.0.1", $0) }
                }
            })
        }
    }

    @Test("An address that swallows packets does not take the time of the next one")
    func swallowed() async throws {
        let hole = try BlackHole()
        try await withLocalFleet(nodes: 1) { fleet in
            let name = Name(hole.port, fleet.servers[0].port)
            // Half of 60 s is what it would take if the addresses shared the time.
            try await withNamedNode(name.resolver) { node in
                let elapsed = try await onLoop {
                    let start = ContinuousClock.now
                    _ = try await node.send("PING")
                    return ContinuousClock.now - start
                }
                #expect(elapsed < .seconds(15))
                #expect(node.counters.connections == 1)
                try await fleet.servers[0].command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually { node.counters.connections == 2 && node.health == .healthy }
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("The one of several addresses that worked last is tried first")
    func lastGood() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            for (index, server) in fleet.servers.enumerated() {
                try await server.command("SET", "who", "\(index)")
            }
            let proxy = try FaultProxy(to: fleet.servers[0])
            defer { proxy.stop() }
            proxy.fault = .refuse
            let name = Name(proxy.port, fleet.servers[1].port)
            try await withNamedNode(name.resolver) { node in
                #expect(try await node.send("GET", "who").text == "1")
                proxy.fault = .none
                let connections = node.counters.connections
                try await fleet.servers[1].command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually {
                    (try? await node.send("PING")) != nil && node.counters.connections > connections
                }
                #expect(try await node.send("GET", "who").text == "1")
            }
        }
    }

    @Test("READONLY: the name may lead to the new primary by now, though the former one keeps the connection")
    func demoted() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let name = Name(fleet.servers[0].port)
            var health = HealthConfiguration()
            health.pingTimeout = .seconds(60)
            try await withNamedNode(name.resolver, health) { node in
                _ = try await node.send("SET", "key", "1")
                try await fleet.servers[0].command("REPLICAOF", "127.0.0.1", "\(fleet.servers[1].port ?? 0)")
                try await eventually {
                    _ = try? await node.send("SET", "key", "2")
                    return node.isOut
                }
                name.ports = [fleet.servers[1].port ?? 0]
                try await eventually { (try? await node.send("SET", "key", "3")) != nil }
                #expect(try await fleet.servers[1].command("GET", "key").text == "3")
            }
        }
    }

    @Test("A server that really is read-only gets no more connections than the back-off permits")
    func readOnly() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let server = fleet.servers[0]
            try await server.command("REPLICAOF", "127.0.0.1", "\(fleet.servers[1].port ?? 0)")
            var configuration = try PoolConfiguration(dsns: [fleet.dsns[0]])
            configuration.health.pingTimeout = .seconds(60)
            try await withPool(exactly: configuration) { pool in
                let node = try pool.nodes[0]
                // However many calls there are: calls do not open the connections.
                try await eventually {
                    for _ in 0..<50 { _ = try? await node.send("SET", "key", "1") }
                    return node.counters.pings >= 4
                }
                let counters = node.counters
                #expect(counters.calls > 100)
                // One for the first call, and one for each time that it was asked.
                #expect(counters.connections <= counters.pings + 1)
                #expect(counters.connections >= 2)
            }
        }
    }

    @Test("A name that leads elsewhere by now is followed, and no call fails for it")
    func followed() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            for (index, server) in fleet.servers.enumerated() {
                try await server.command("SET", "who", "\(index)")
            }
            let name = Name(fleet.servers[0].port)
            try await withNamedNode(name.resolver) {
                $0.refreshInterval = .milliseconds(20)
            } _: { node in
                #expect(try await node.send("GET", "who").text == "0")
                // A failed look-up changes nothing.
                name.ports = []
                let asked = name.timesAsked
                try await eventually { name.timesAsked > asked + 3 }
                #expect(node.counters.connections == 1)
                #expect(try await node.send("GET", "who").text == "0")
                // Another address next to the one in use does not change anything either.
                name.ports = fleet.servers.map { $0.port ?? 0 }.reversed()
                let askedThen = name.timesAsked
                try await eventually { name.timesAsked > askedThen + 3 }
                #expect(try await node.send("GET", "who").text == "0")

                name.ports = [fleet.servers[1].port ?? 0]
                try await eventually { try await node.send("GET", "who").text == "1" }
                #expect(node.counters.ejections == 0)
                #expect(node.counters.failures == 0)
                try await eventually { try await fleet.servers[0].clients().isEmpty }
            }
        }
    }

    @Test("A name service that fails says nothing about the server: calls fail at once, and it is not out")
    func nameService() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let name = Name()
            try await withNamedNode(name.resolver) { node in
                for _ in 0..<50 {
                    let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                    #expect(error?.code == .unreachable)
                    #expect(error?.wasNotSent == true)
                    #expect(error?.message.contains("cache.test could not be resolved") == true)
                }
                #expect(node.health == .healthy)
                #expect(node.counters.ejections == 0)
                name.ports = [fleet.servers[0].port ?? 0]
                try await eventually { (try? await node.send("PING")) != nil }
                // From now on it is known where the name led.
                name.ports = []
                try await fleet.servers[0].command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually {
                    (try? await node.send("PING")) != nil && node.counters.connections == 2
                }
                #expect(node.counters.ejections == 0)
            }
        }
    }
}

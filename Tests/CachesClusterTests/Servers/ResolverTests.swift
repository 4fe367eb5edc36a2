import CachesTesting
import CachesTransport
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// Names of hosts, and the addresses that they lead to.
@Suite struct ResolverTests {
    @Test("A name is resolved again for each connection, so that an address which changes is followed")
    func follows() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let port = Mutex(fleet.servers[0].port ?? 0)
            let asked = Mutex<[String]>([])
            let resolver = Resolver { host, _ in
                asked.withLock { $0.append(host) }
                return ("127.0.0.1", port.withLock { $0 })
            }
            try await withNode("redis://cache.test", resolver) { node in
                for (index, server) in fleet.servers.enumerated() {
                    try await server.command("SET", "who", "\(index)")
                }
                #expect(try await node.send("GET", "who").text == "0")
                port.withLock { $0 = fleet.servers[1].port ?? 0 }
                fleet.servers[0].kill()
                try await eventually { (try? await node.send("GET", "who").text) == "1" }
                #expect(asked.withLock { $0.count >= 2 && Set($0) == ["cache.test"] })
            }
        }
    }

    @Test("A name service that hangs delays no other node, and calls end at their deadline")
    func hangs() async throws {
        let hang = DispatchSemaphore(value: 0)
        defer { for _ in 0..<100 { hang.signal() } }
        try await withLocalFleet(nodes: 1) { fleet in
            let slow = Resolver { host, port in
                hang.wait()
                return (host, port)
            }
            try await withNode("redis://cache.test", slow) { node in
                let other = try Node(
                    NodeConfiguration(dsn: fleet.dsns[0]), fingerprint: "test", defaultDeadline: .seconds(30),
                    logger: silent)
                let call = Task {
                    try await node.send("PING", deadline: .after(.milliseconds(100)))
                }
                let slowest = try await onLoop {
                    var slowest = Duration.zero
                    for _ in 0..<500 {
                        let start = ContinuousClock.now
                        _ = try await other.send("PING")
                        slowest = max(slowest, ContinuousClock.now - start)
                    }
                    return slowest
                }
                #expect(slowest < .seconds(15))
                let error = await #expect(throws: CachesError.self) { try await call.value }
                #expect(error?.code == .timeout)
                #expect(error?.message.contains("the name look-up") == true)
                await other.close(deadline: .after(.seconds(1)))
            }
        }
    }

    @Test("While a name service hangs, a name is looked up once, however often a connection to it is opened")
    func once() async throws {
        let hang = DispatchSemaphore(value: 0)
        let asked = Atomic(0)
        try await withLocalFleet(nodes: 1) { fleet in
            let port = fleet.servers[0].port ?? 0
            let slow = Resolver { _, _ in
                asked.add(1, ordering: .relaxed)
                hang.wait()
                return ("127.0.0.1", port)
            }
            var health = HealthConfiguration()
            (health.firstRetry, health.retryCap) = (.milliseconds(1), .milliseconds(1))
            try await withNode("redis://cache.test", slow, health, connectTimeout: .milliseconds(100)) {
                node in
                // Each opens a connection that waits for the name, until its time is over.
                for _ in 0..<4 { _ = try? await node.send("PING") }
                #expect(!node.isOut)
                #expect(asked.load(ordering: .relaxed) == 1)
                // The answer is for the connections that want it by then.
                for _ in 0..<1000 { hang.signal() }
                try await eventually {
                    _ = try? await node.send("PING")
                    return node.counters.connections > 0
                }
            }
        }
    }

    private func withNode(
        _ dsn: String, _ resolver: Resolver, _ health: HealthConfiguration = HealthConfiguration(),
        connectTimeout: Duration = .seconds(60), _ body: (Node) async throws -> Void
    ) async throws {
        var configuration = try NodeConfiguration(dsn: dsn)
        configuration.connection.connectTimeout = connectTimeout
        let node = Node(
            configuration, fingerprint: "test", defaultDeadline: .seconds(30), health: health, logger: silent,
            resolver: resolver)
        try await body(node)
        await node.close(deadline: .after(.milliseconds(1)))
    }
}

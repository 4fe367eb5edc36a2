import CachesCluster
import CachesTesting
import CachesTransport
import TestSupport
import Testing

/// Commands that were sent to a node that then went silent, and their fate when the way is open again.
@Suite struct LateWriteTests {
    @Test("A write that had not arrived when its node was put out never does", arguments: everyTransport)
    func write(transport: LocalServer.Transport) async throws {
        guard transport != .unix else { return }
        try await withLocalFleet([LocalServer.Options(name: "a", transport: transport)]) { fleet in
            let proxy = try FaultProxy(to: fleet.servers[0])
            defer { proxy.stop() }
            try await withPool(exactly: PoolConfiguration(dsns: [proxy.dsn])) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                proxy.fault = .blackHole(.toServer)
                let patient = Task {
                    try await node.send("SET", "key", "late", deadline: .after(.seconds(300)))
                }
                await #expect(throws: CachesError.self) {
                    try await node.send("SET", "other", "late", deadline: .after(.milliseconds(50)))
                }
                // A call with more time is not kept waiting by a node that is out.
                do {
                    _ = try await patient.value
                    Issue.record("The write was answered.")
                } catch let error as CachesError {
                    #expect(error.code == .connectionLost)
                    #expect(error.node == "a")
                }
                #expect(node.isOut)
                // The next work of the loop closes the connection.
                await onLoop {}

                proxy.fault = .none
                try await eventually { !node.isOut }
                #expect(try await node.send("EXISTS", "key", "other") == .integer(0))
            }
        }
    }
}

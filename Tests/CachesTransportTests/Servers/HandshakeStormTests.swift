import CachesTesting
import Testing

@testable import CachesTransport

/// Connections that are opened together, as after a failure of the network.
@Suite struct HandshakeStormTests {
    @Test("TLS handshakes beyond a burst are spread over time, and all connections open")
    func spread() async throws {
        try await withLocalFleet(nodes: 1, options: LocalServer.Options(transport: .tls())) { fleet in
            let configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            let start = ContinuousClock.now
            let connections = (0..<200).map { _ in Connection(configuration) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for connection in connections {
                    group.addTask {
                        _ = try await connection.send("PING")
                    }
                }
                try await group.waitForAll()
            }
            // A hundred at once, the others at a hundred a second, unless other tests have used up the burst.
            #expect(ContinuousClock.now - start >= .milliseconds(900))
            for connection in connections { await connection.close() }
        }
    }
}

import CachesTesting
import Synchronization
import TestSupport
import Testing

@testable import CachesTransport

/// Handshakes on the loop that all connections share.
@Suite struct HandshakeTests {
    @Test("A handshake that stalls ends at the connect deadline, and keeps no other connection waiting")
    func stalled() async throws {
        let peer = try ScriptedServer(.neverAnswers)
        var stalling = ConnectionConfiguration(peer)
        stalling.tls = TLSConfiguration()
        stalling.connectTimeout = .seconds(3)
        try await withServer(LocalServer.Options()) { connection, _ in
            _ = try await connection.send("PING")
            let isOver = Atomic(false)
            let pings = Task {
                // Signs of life of those that began when the peer had the connection, and were answered while
                // it stalled.
                var count = 0
                while true {
                    let isStalling = peer.acceptedConnections > 0
                    _ = try await connection.send("PING")
                    guard !isOver.load(ordering: .relaxed) else { return count }
                    if isStalling { count += 1 }
                }
            }
            let (error, elapsed) = await onLoop {
                let start = ContinuousClock.now
                let error = await #expect(throws: CachesError.self) {
                    try await withConnection(stalling) { try await $0.send("PING") }
                }
                return (error, ContinuousClock.now - start)
            }
            isOver.store(true, ordering: .relaxed)
            #expect(error?.code == .timeout)
            #expect(error?.message.contains("it was at: the TLS handshake") == true)
            #expect(error?.node == "scripted")
            #expect(elapsed >= .milliseconds(2990) && elapsed < .seconds(60))
            let count = try await pings.value
            #expect(count > 0)
        }
        peer.stop()
    }

    @Test("A node that is announced by its address is verified by the name of its DSN")
    func announcedByAddress() async throws {
        let options = LocalServer.Options(transport: .tls(.init(certificate: .otherHost)))
        try await withLocalFleet([options]) { fleet in
            var configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            let port = try #require(fleet.servers[0].port)
            configuration.endpoint = .tcp(host: "other.example", port: 6379)
            let announced = configuration.at(.tcp(host: "127.0.0.1", port: port))
            let answer = try await withConnection(announced) { try await $0.send("PING") }
            #expect(answer == .status("PONG"))
            // Its address alone is not enough: no certificate has it.
            configuration.endpoint = .tcp(host: "127.0.0.1", port: port)
            let error = await #expect(throws: CachesError.self) {
                try await withConnection(configuration) { try await $0.send("PING") }
            }
            #expect(error?.message.contains("is not for 127.0.0.1, but for other.example") == true)
        }
    }
}

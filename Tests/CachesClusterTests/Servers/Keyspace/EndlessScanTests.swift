import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// Servers whose scans would never end.
@Suite struct EndlessScanTests {
    /// A server that gives the same cursor with each page, and no keys.
    private func withEndless(_ body: (CachePool) async throws -> Void) async throws {
        let page = ScriptedServer.Step.send("*2\r\n$1\r\n7\r\n*0\r\n")
        let peer = try ScriptedServer(
            .init([.answerUntil("SCAN"), page] + (0..<50).flatMap { _ in [.receiveCommand, page] }))
        try await withPool([peer.dsn()], body)
        peer.stop()
    }

    @Test("Clear ends with an error that names the cursor and the server")
    func clear() async throws {
        try await withEndless { pool in
            let report = try await pool.clear(matching: "user.*")
            #expect(report.nodes.count == 1)
            let error = try #require(report.nodes.first?.error)
            #expect(error.code == .protocolViolation)
            #expect(error.node == "scripted")
            #expect(error.message.contains("cursor 7 twice"), "\(error)")
        }
    }

    @Test("Reading the keys ends with an error that names the cursor and the server")
    func keys() async throws {
        try await withEndless { pool in
            let error = await #expect(throws: CachesError.self) {
                for try await key in pool.keys() { Issue.record("a key: \(key)") }
            }
            #expect("\(error!)".contains("cursor 7 twice"), "\(error!)")
        }
    }

    @Test("Removing all keys of a class ends with such an error, before a node is used again")
    func remove() async throws {
        try await withEndless { pool in
            let node = try pool.nodes[0]
            _ = try await node.send("ECHO", "x")
            let error = await #expect(throws: CachesError.self) { try await node.remove("user.*") }
            #expect(error?.message.contains("cursor 7 twice") == true)
        }
    }
}

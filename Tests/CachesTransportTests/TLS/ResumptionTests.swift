import CachesTesting
import Testing

@testable import CachesTransport

/// Connections that are opened again.
@Suite struct ResumptionTests {
    /// Opens a connection, makes a call, and closes it.
    private func session(_ configuration: ConnectionConfiguration) async throws -> SessionInfo? {
        let info = Locked<SessionInfo?>(nil)
        let connection = Connection(configuration) { event in
            if case .opened(let session) = event { info.withLock { $0 = session } }
        }
        // The server's tickets come with, or before, the answer.
        _ = try await connection.send("PING")
        await connection.close()
        return info.withLock { $0 }
    }

    @Test(
        "A connection that is opened again resumes the session, time and again",
        arguments: ["TLSv1.2", "TLSv1.3"])
    func resumed(version: String) async throws {
        let options = LocalServer.Options(
            transport: .tls(.init(clientCertificates: .optional)), lines: ["tls-protocols \(version)"])
        try await withLocalFleet([options]) { fleet in
            let configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            let sessions = [
                try await session(configuration), try await session(configuration),
                try await session(configuration),
            ]
            #expect(sessions.map { $0?.isResumed } == [false, true, true])
            #expect(sessions.allSatisfy { $0?.tlsVersion == version })
            #expect(sessions.allSatisfy { $0?.certificates.first?.subject == "CN=caches test server" })
        }
    }

    @Test("A server that has forgotten the session gets a full handshake")
    func forgotten() async throws {
        try await withLocalFleet([.init(transport: .tls())]) { fleet in
            let configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            #expect(try await session(configuration)?.isResumed == false)
            try await fleet.servers[0].restart()
            #expect(try await session(configuration)?.isResumed == false)
            #expect(try await session(configuration)?.isResumed == true)
        }
    }

    @Test("A session is not resumed under another name or with other authorities: that would skip the check")
    func verifiedAnew() async throws {
        try await withLocalFleet([.init(transport: .tls())]) { fleet in
            let configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            let first = try await session(configuration)
            #expect(first?.isResumed == false)
            var other = configuration
            other.tls?.serverName = "other.example"
            await #expect(throws: CachesError.self) { _ = try await session(other) }
            other = configuration
            other.tls?.authorityFile = fleet.certificates?.otherAuthorityFile
            await #expect(throws: CachesError.self) { _ = try await session(other) }
            let last = try await session(configuration)
            #expect(last?.isResumed == true)
        }
    }
}

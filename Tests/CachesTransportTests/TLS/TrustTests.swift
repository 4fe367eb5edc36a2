import CachesTesting
import Foundation
import Testing

@testable import CachesTransport

/// The properties of a trusted certificate, on a real server that shows one.
@Suite("Trusted certificates, and their names")
struct TrustTests {
    private func ping(
        _ fleet: LocalFleet, _ change: (inout ConnectionConfiguration) -> Void
    ) async throws -> Reply {
        var configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
        change(&configuration)
        return try await withConnection(configuration) { try await $0.send("PING") }
    }

    @Test("A host may end with a dot: certificates and SNI have no such dot")
    func trailingDot() async throws {
        try await withLocalFleet([LocalServer.Options(transport: .tls())]) { fleet in
            let port = try #require(fleet.servers[0].port)
            var configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            configuration.endpoint = .tcp(host: "localhost.", port: port)
            // Not every system finds a name with a dot in its list of hosts.
            let connection = Connection(
                configuration, on: EventLoops.forNode(),
                resolver: Resolver { _, port in ("127.0.0.1", port) },
                observer: { _ in })
            let plain = try await connection.send("PING")
            #expect(plain == .status("PONG"))
            await connection.close()
            let named = try await ping(fleet) { $0.tls?.serverName = "localhost." }
            #expect(named == .status("PONG"))
            // As a cluster announces an address, if the DSN's host ends with a dot.
            let announced = try await ping(fleet) {
                $0.endpoint = .tcp(host: "localhost.", port: 6379)
                $0 = $0.at(.tcp(host: "127.0.0.1", port: port))
            }
            #expect(announced == .status("PONG"))
            let other = try await ping(fleet) {
                $0.tls?.serverName = "other.example."
                $0.tls?.otherNames = ["localhost."]
            }
            #expect(other == .status("PONG"))
        }
    }

    @Test("The authorities may be a directory of PEM files, with any other files")
    func directory() async throws {
        try await withLocalFleet([LocalServer.Options(transport: .tls())]) { fleet in
            let certificates = try #require(fleet.certificates)
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "caches-\(UInt64.random(in: 0 ... .max))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data("no certificate".utf8).write(to: folder.appending(path: "README"))
            let without = await #expect(throws: CachesError.self) {
                try await ping(fleet) { $0.tls?.authorityFile = folder.path() }
            }
            #expect(without?.message.contains("holds a certificate") == true)
            for (name, file) in [
                ("a.pem", certificates.otherAuthorityFile), ("b.0", certificates.authorityFile),
            ] {
                try FileManager.default.copyItem(atPath: file, toPath: folder.appending(path: name).path())
            }
            let answer = try await ping(fleet) { $0.tls?.authorityFile = folder.path() }
            #expect(answer == .status("PONG"))
            let before = TLSFiles(of: configuration(folder.path()))
            try Data("changed".utf8).write(to: folder.appending(path: "README"))
            #expect(TLSFiles(of: configuration(folder.path())) != before)
        }
    }

    private func configuration(_ authorities: String) -> TLSConfiguration {
        var configuration = TLSConfiguration()
        configuration.authorityFile = authorities
        return configuration
    }

    @Test("A certificate that is named is trusted, though it is signed by another")
    func partialChain() async throws {
        try await withLocalFleet([LocalServer.Options(transport: .tls())]) { fleet in
            let certificates = try #require(fleet.certificates)
            let answer = try await ping(fleet) {
                $0.tls?.authorityFile = certificates.server(.valid).certificateFile
            }
            #expect(answer == .status("PONG"))
            // And no other of the same authority.
            await #expect(throws: CachesError.self) {
                try await ping(fleet) {
                    $0.tls?.authorityFile = certificates.server(.revoked).certificateFile
                }
            }
        }
    }

    @Test("A certificate that has an address as a name says so")
    func addressAsName() {
        let certificate = Certificate(
            subject: "CN=127.0.0.1", issuer: "CN=ca", serialNumber: "1", notBefore: 0, notAfter: 1,
            names: ["127.0.0.1"])
        // X509_V_ERR_IP_ADDRESS_MISMATCH
        let rejection = RecordPipe.Rejection(code: 64, depth: 0, certificate: certificate)
        let error = TLSFailure.rejected(rejection).error(
            TLSConfiguration(), expectedName: "127.0.0.1", host: "127.0.0.1")
        #expect(!error.message.contains("but for 127.0.0.1"), "\(error)")
        #expect(error.message.contains("as a name, not as an address"))
        #expect(error.advice?.contains("subjectAltName=IP:127.0.0.1") == true)
    }
}

@Suite("Servers' texts in sentences")
struct SentenceTests {
    @Test(
        "Servers' texts in sentences end with one full stop",
        arguments: ["BUSY Redis is busy. SHUTDOWN NOSAVE.", "BUSY Redis is busy"])
    func stop(text: String) {
        let greeting = Greeting(ConnectionConfiguration(endpoint: .unix(path: "/none")), nil)
        let error = #expect(throws: CachesError.self) {
            try greeting.check([.status("OK"), .error(ServerError(text))])
        }
        #expect(error?.message.hasSuffix(".") == true)
        #expect(error?.message.contains("..") == false)
    }

    @Test("Peers that take no name are remembered for a while, and not without bound")
    func nameless() {
        var peers = NamelessPeers()
        let endpoint = Endpoint.tcp(host: "a", port: 1)
        #expect(!peers.contains(endpoint, now: 0))
        peers.insert(endpoint, now: 0)
        #expect(peers.contains(endpoint, now: NamelessPeers.memory - 1))
        #expect(!peers.contains(endpoint, now: NamelessPeers.memory))
        for port in 1...1000 { peers.insert(.tcp(host: "b", port: port), now: 0) }
        let known = (1...1000).count { peers.contains(.tcp(host: "b", port: $0), now: 0) }
        #expect(known <= 256)
    }
}

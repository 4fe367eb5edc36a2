import CachesTesting
import Foundation
import Testing

@testable import CachesTransport

/// Certificates that no server of the test kit has, shown by `openssl s_server`.
@Suite("Peers whose certificate proves nothing")
struct PeerCertificateTests {
    /// A folder with an authority, and an intermediate of it, that end with the test.
    private final class Authority {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "caches-\(UInt64.random(in: 0 ... .max))"
        ).path()

        init() async throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await Self.run(
                """
                cd '\(folder)'
                key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
                printf '[req]\\ndistinguished_name=n\\n[n]\\n[a]\\nbasicConstraints=critical,CA:TRUE\\n' >conf
                printf 'keyUsage=critical,keyCertSign,cRLSign\\nsubjectKeyIdentifier=hash\\n' >>conf
                printf '[h]\\nsubjectAltName=DNS:localhost\\n[c]\\nbasicConstraints=CA:FALSE\\n' >>conf
                printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\ndefault_md=sha256\\n' >>conf
                : >index
                openssl req -x509 $key -config conf -extensions a -subj /CN=root -days 2 -keyout root.key -out root.pem
                sign() { # name, subject, authority, extensions
                    openssl req -new $key -config conf -subj "$2" -keyout $1.key -out $1.csr
                    openssl x509 -req -in $1.csr -CA $3.pem -CAkey $3.key -CAcreateserial -days 2 \
                        -extfile conf -extensions $4 -out $1.pem
                }
                sign middle /CN=middle root a
                sign leaf /CN=leaf middle h
                sign named /CN=localhost root c
                list() { openssl ca -config conf -gencrl -crldays 2 -keyfile $1.key -cert $1.pem; }
                list middle >middle.crl
                list root >root.crl
                openssl ca -config conf -revoke middle.pem -keyfile root.key -cert root.pem
                list root >revoked.crl
                cat middle.crl root.crl >good.crls
                cat middle.crl revoked.crl >bad.crls
                cat leaf.pem middle.pem >chain.pem
                """)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        private static func run(_ script: String) async throws {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-ec", script]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { _ in continuation.resume() }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            try #require(process.terminationStatus == 0)
        }
    }

    /// Shakes hands with an ``OpenSSLServer``.
    private func shakeHands(
        _ arguments: [String], _ change: (inout TLSConfiguration) -> Void
    ) async throws {
        let server = try OpenSSLServer(arguments)
        var configuration = TLSConfiguration()
        change(&configuration)
        _ = try SealedPeer(configuration, port: try await server.port)
        withExtendedLifetime(server) {}
    }

    @Test("A peer without a certificate is refused, whatever ciphers were asked for")
    func anonymous() async throws {
        let arguments = ["-nocert", "-tls1_2", "-cipher", "ALL:aNULL:@SECLEVEL=0"]
        for verification in [TLSConfiguration.Verification.full, .ca] {
            let error = await #expect(throws: CachesError.self) {
                try await shakeHands(arguments) {
                    $0.verification = verification
                    $0.ciphers = "HIGH:@SECLEVEL=0"
                }
            }
            #expect(error?.code == .tls)
        }
        await #expect(throws: CachesError.self) {
            try await shakeHands(arguments) { $0.ciphers = "aNULL:@SECLEVEL=0" }
        }
        // A client that asks for no proof gets no proof.
        try await shakeHands(arguments) {
            $0.verification = .none
            $0.ciphers = "aNULL:@SECLEVEL=0"
        }
    }

    @Test("A common name alone is not a name (RFC 9525)")
    func commonName() async throws {
        let authority = try await Authority()
        let folder = authority.folder
        let error = await #expect(throws: CachesError.self) {
            try await shakeHands(["-cert", folder + "/named.pem", "-key", folder + "/named.key"]) {
                $0.authorityFile = folder + "/root.pem"
            }
        }
        #expect(error?.code == .tls)
        #expect(error?.message.contains("common name") == true, "\(error as Any)")
        #expect(error?.advice?.contains("subjectAltName=DNS:localhost") == true)
        withExtendedLifetime(authority) {}
    }

    @Test("A revoked intermediate is found if the list of its issuer is there")
    func intermediate() async throws {
        let authority = try await Authority()
        let folder = authority.folder
        func shake(_ list: String) async throws {
            try await shakeHands([
                "-cert", folder + "/leaf.pem", "-key", folder + "/leaf.key", "-cert_chain",
                folder + "/middle.pem",
            ]) {
                $0.authorityFile = folder + "/root.pem"
                $0.revocationFile = folder + "/" + list
            }
        }
        try await shake("good.crls")
        // The list of the issuer alone is enough, as before.
        try await shake("middle.crl")
        let error = await #expect(throws: CachesError.self) { try await shake("bad.crls") }
        #expect(error?.message.contains("A certificate above the server's") == true, "\(error as Any)")
        #expect(error?.message.contains("has been revoked") == true)
        let missing = await #expect(throws: CachesError.self) { try await shake("root.crl") }
        #expect(missing?.message.contains("no list") == true, "\(missing as Any)")
        withExtendedLifetime(authority) {}
    }
}

import Foundation
import TestSupport
import Testing

@testable import CachesTesting

@Suite("Test certificates")
struct TestCertificatesTests {
    @Test("Test certificates are as good or as bad to openssl as their names say")
    func verify() async throws {
        let certificates = try await TestCertificates.make()
        func verify(_ file: String, by authority: String, host: String? = nil) async throws -> String {
            let name = host.map { ["-verify_hostname", $0] } ?? []
            return try await Program.run(["openssl", "verify", "-CAfile", authority] + name + [file]).output
        }
        let ours = certificates.authorityFile
        let valid = certificates.server(.valid).certificateFile
        #expect(try await verify(valid, by: ours, host: "localhost").hasSuffix(": OK\n"))
        #expect(try await verify(certificates.client.certificateFile, by: ours).hasSuffix(": OK\n"))

        let otherHost = certificates.server(.otherHost).certificateFile
        #expect(try await verify(otherHost, by: ours, host: "other.example").hasSuffix(": OK\n"))
        #expect(try await verify(otherHost, by: ours, host: "localhost").contains("hostname mismatch"))

        let expired = certificates.server(.expired).certificateFile
        #expect(try await verify(expired, by: ours).contains("certificate has expired"))

        let later = certificates.server(.notYetValid).certificateFile
        #expect(try await verify(later, by: ours).contains("certificate is not yet valid"))
        let selfSigned = certificates.server(.selfSigned).certificateFile
        #expect(try await verify(selfSigned, by: ours).contains("self"))
        #expect(try await verify(selfSigned, by: selfSigned).hasSuffix(": OK\n"))
        #expect(
            try await verify(certificates.server(.expiring).certificateFile, by: ours).hasSuffix(": OK\n"))
        let revoked = certificates.server(.revoked).certificateFile
        #expect(try await verify(revoked, by: ours).hasSuffix(": OK\n"))
        func check(_ file: String, _ list: String) async throws -> String {
            let words = ["openssl", "verify", "-CAfile", ours, "-CRLfile", list, "-crl_check", file]
            return try await Program.run(words).output
        }
        #expect(try await check(revoked, certificates.revocationFile).contains("certificate revoked"))
        #expect(try await check(valid, certificates.revocationFile).hasSuffix(": OK\n"))
        #expect(try await check(valid, certificates.staleRevocationFile).contains("CRL has expired"))

        let untrusted = certificates.server(.untrusted).certificateFile
        #expect(try await verify(untrusted, by: ours).contains("unable to get local issuer certificate"))
        #expect(try await verify(untrusted, by: certificates.otherAuthorityFile).hasSuffix(": OK\n"))
    }

    @Test(
        "Test certificates are valid for every name of this machine",
        arguments: ["DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"])
    func names(name: String) async throws {
        let certificates = try await TestCertificates.make()
        let text = try await Program.run(
            "openssl", "x509", "-noout", "-text", "-in", certificates.server(.valid).certificateFile)
        #expect(text.output.contains(name))
        #expect(text.output.contains("prime256v1"))
    }

    @Test("Test certificates are files that only the user can read, and go with their object")
    func privateFiles() async throws {
        func make() async throws -> [String] {
            let certificates = try await TestCertificates.make()
            let servers = TestCertificates.ServerCertificate.allCases.map(certificates.server)
            let pairs = servers + [certificates.client, certificates.otherClient]
            let files =
                [
                    certificates.authorityFile, certificates.otherAuthorityFile, certificates.authoritiesFile,
                    certificates.encryptedKeyFile, certificates.keyPasswordFile, certificates.revocationFile,
                    certificates.staleRevocationFile,
                ]
                + pairs.flatMap { [$0.certificateFile, $0.keyFile] }
            for file in files {
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(file)")
            }
            return files
        }
        let files = try await make()
        try await eventually(within: .seconds(300)) { !files.contains(where: fileExists) }
    }

    @Test("Test certificates are different each time")
    func fresh() async throws {
        let first = try await TestCertificates.make()
        let second = try await TestCertificates.make()
        let keys = try [first, second].map { try Data(contentsOf: URL(filePath: $0.client.keyFile)) }
        #expect(keys[0] != keys[1])
    }
}

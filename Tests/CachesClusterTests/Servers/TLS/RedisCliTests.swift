import CachesTesting
import CachesTransport
import Foundation
import Testing

@testable import CachesCluster

/// The same settings given to `redis-cli --tls` and to this library: they come to the same verdict.
@Suite("`redis-cli` and this library") struct RedisCliTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tls: LocalServer.TLS
        var lines: [String] = []
        /// The arguments of redis-cli, in addition to host and port.
        let arguments: @Sendable (TestCertificates) -> [String]
        /// The same as options of a DSN.
        let query: @Sendable (TestCertificates) -> String
        let works: Bool
    }

    static let cases = [
        Case(
            testDescription: "an authority", tls: .init(), arguments: { ["--cacert", $0.authorityFile] },
            query: { "ca=\($0.authorityFile)" }, works: true),
        Case(
            testDescription: "another authority", tls: .init(),
            arguments: { ["--cacert", $0.otherAuthorityFile] },
            query: { "ca=\($0.otherAuthorityFile)" }, works: false),
        Case(
            testDescription: "an expired certificate", tls: .init(certificate: .expired),
            arguments: { ["--cacert", $0.authorityFile] }, query: { "ca=\($0.authorityFile)" }, works: false),
        Case(
            testDescription: "no verification", tls: .init(certificate: .untrusted),
            arguments: { _ in ["--insecure"] },
            query: { _ in "verify=none" }, works: true),
        Case(
            testDescription: "a client's certificate", tls: .init(clientCertificates: .required),
            arguments: {
                [
                    "--cacert", $0.authorityFile, "--cert", $0.client.certificateFile, "--key",
                    $0.client.keyFile,
                ]
            },
            query: { "ca=\($0.authorityFile)&cert=\($0.client.certificateFile)&key=\($0.client.keyFile)" },
            works: true),
        Case(
            testDescription: "no client's certificate", tls: .init(clientCertificates: .required),
            arguments: { ["--cacert", $0.authorityFile] }, query: { "ca=\($0.authorityFile)" }, works: false),
        // redis-cli verifies no name; its --sni corresponds to our verify=ca with sni.
        Case(
            testDescription: "a name to ask for", tls: .init(certificate: .otherHost),
            arguments: { ["--cacert", $0.authorityFile, "--sni", "other.example"] },
            query: { "ca=\($0.authorityFile)&verify=ca&sni=other.example" }, works: true),
        Case(
            testDescription: "a cipher of TLS 1.2", tls: .init(), lines: ["tls-protocols TLSv1.2"],
            arguments: { ["--cacert", $0.authorityFile, "--tls-ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"] },
            query: { "ca=\($0.authorityFile)&ciphers=ECDHE-ECDSA-AES128-GCM-SHA256" }, works: true),
        Case(
            testDescription: "a cipher that the server has not", tls: .init(),
            lines: ["tls-protocols TLSv1.2", "tls-ciphers ECDHE-ECDSA-AES256-GCM-SHA384"],
            arguments: { ["--cacert", $0.authorityFile, "--tls-ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"] },
            query: { "ca=\($0.authorityFile)&ciphers=ECDHE-ECDSA-AES128-GCM-SHA256" }, works: false),
        Case(
            testDescription: "a suite of TLS 1.3", tls: .init(), lines: ["tls-protocols TLSv1.3"],
            arguments: {
                ["--cacert", $0.authorityFile, "--tls-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]
            },
            query: { "ca=\($0.authorityFile)&cipher-suites=TLS_CHACHA20_POLY1305_SHA256&min-tls=1.3" },
            works: true),
    ]

    @Test(
        "`redis-cli` and this library agree on each setting, and read each other's values", arguments: cases)
    func agree(_ setting: Case) async throws {
        let options = LocalServer.Options(
            name: "a", transport: .tls(setting.tls), access: .user("app", password: secret),
            lines: setting.lines)
        try await withLocalFleet([options]) { fleet in
            let certificates = try #require(fleet.certificates)
            let port = try #require(fleet.servers[0].port)
            let tool =
                [
                    "redis-cli", "-h", "localhost", "-p", "\(port)", "--tls", "--user", "app",
                    "--no-auth-warning",
                ] + setting.arguments(certificates)
            let written = try await run(tool + ["SET", "theirs", "1"], password: secret)
            #expect((written == "OK\n") == setting.works, "\(written)")

            let dsn = "rediss://app:\(secret)@localhost:\(port)?\(setting.query(certificates))#a"
            try await withPool([dsn]) { pool in
                let node = try pool.nodes[0]
                guard setting.works else {
                    let error = await #expect(throws: CachesError.self) {
                        try await node.send("GET", "theirs")
                    }
                    #expect(error?.code == .tls)
                    return
                }
                #expect(try await node.send("GET", "theirs").text == "1")
                _ = try await node.send("SET", "ours", "2")
                #expect(try await run(tool + ["GET", "ours"], password: secret) == "2\n")
            }
        }
    }

    /// Runs redis-cli, its password in the environment, and returns what it printed.
    private func run(_ words: [String], password: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(["REDISCLI_AUTH": password]) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = FileManager.default.temporaryDirectory.appending(path: "redis-cli-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: output) }
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        let (ends, continuation) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in continuation.yield() }
        try process.run()
        _ = await ends.first { _ in true }
        return try String(contentsOf: output, encoding: .utf8)
    }
}

import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// TLS connections that fail, and unusual ones that are still accepted.
@Suite struct TLSFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: LocalServer.Options
        let says: [String]
        let change: @Sendable (inout TLSConfiguration, TestCertificates) -> Void

        init(
            _ description: String, _ tls: LocalServer.TLS = LocalServer.TLS(), lines: [String] = [],
            says: [String] = [],
            _ change: @escaping @Sendable (inout TLSConfiguration, TestCertificates) -> Void = { _, _ in }
        ) {
            testDescription = description
            options = LocalServer.Options(
                name: "bad", transport: .tls(tls), access: .password(secret), lines: lines)
            self.says = says
            self.change = change
        }

        func node(in fleet: LocalFleet) throws -> NodeConfiguration {
            let certificates = try #require(fleet.certificates)
            return try fleet.servers[0].node { node in
                var tls = try #require(node.connection.tls)
                change(&tls, certificates)
                node.connection.tls = tls
            }
        }
    }

    static let refused = [
        Case("untrusted authority", .init(certificate: .untrusted), says: ["is not trusted", "ca=FILE"]),
        Case("another authority", says: ["is not trusted", "ca=FILE"]) {
            $0.authorityFile = $1.otherAuthorityFile
        },
        Case("the system's authorities", says: ["is not trusted", "ca=FILE"]) { tls, _ in
            tls.authorityFile = nil
        },
        Case(
            "verify=ca, untrusted authority", .init(certificate: .untrusted), says: ["is not trusted"]
        ) { tls, _ in tls.verification = .ca },
        Case("wrong host name", .init(certificate: .otherHost), says: ["is not for localhost", "sni=NAME"]),
        Case("wrong sni", says: ["is not for other.example", "sni=NAME"]) { tls, _ in
            tls.serverName = "other.example"
        },
        Case(
            "expired", .init(certificate: .expired),
            says: [
                "(subject CN=caches test server, issuer CN=caches test authority, valid from 2020-01-01 00:00 UTC to 2020-02-01 00:00 UTC, for localhost, 127.0.0.1, ::1) has expired",
                "Renew",
            ]),
        Case(
            "not yet valid", .init(certificate: .notYetValid),
            says: ["valid from 2099-01-01 00:00 UTC", "is not valid yet, but from 2099-01-01", "clocks"]),
        Case(
            "self-signed", .init(certificate: .selfSigned),
            says: [
                "(subject CN=caches test server, issuer CN=caches test server", "is self-signed", "ca=FILE",
            ]),
        Case(
            "revoked", .init(certificate: .revoked),
            says: ["(subject CN=caches test server", "has been revoked", "crl"]
        ) { $0.revocationFile = $1.revocationFile },
        Case("a stale revocation list", says: ["out of date", "Renew crl=FILE"]) {
            $0.revocationFile = $1.staleRevocationFile
        },
        Case(
            "no revocation list of that authority", .init(certificate: .untrusted),
            says: ["no list", "crl=FILE"]
        ) {
            ($0.authorityFile, $0.revocationFile) = ($1.otherAuthorityFile, $1.revocationFile)
        },
        Case("crl that is none", says: ["The revocation list", "BEGIN X509 CRL"]) {
            $0.revocationFile = $1.authorityFile
        },
        Case("verify=ca, expired", .init(certificate: .expired), says: ["has expired"]) { tls, _ in
            tls.verification = .ca
        },
        Case(
            "client certificate is required", .init(clientCertificates: .required), says: ["cert", "key"]
        ) { tls, _ in (tls.certificateFile, tls.keyFile) = (nil, nil) },
        Case(
            "client certificate of another authority", .init(clientCertificates: .required),
            says: ["cert", "key"]
        ) { tls, certificates in
            let stranger = certificates.server(.untrusted)
            (tls.certificateFile, tls.keyFile) = (stranger.certificateFile, stranger.keyFile)
        },
        Case("min-tls above the server's", lines: ["tls-protocols TLSv1.2"], says: ["versions"]) { tls, _ in
            tls.minimumVersion = .tls13
        },
        Case(
            "no cipher in common",
            lines: ["tls-protocols TLSv1.2", "tls-ciphers ECDHE-ECDSA-AES128-GCM-SHA256"],
            says: ["ciphers"]
        ) { tls, _ in tls.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384" },
        Case("ciphers that nobody knows", says: ["knows none of the ciphers", "openssl ciphers"]) { tls, _ in
            tls.ciphers = "NO-SUCH-CIPHER"
        },
        Case("ca that is not there", says: ["The CA file /none.pem can't be used: No such file", "PEM file"])
        { tls, _ in
            tls.authorityFile = "/none.pem"
        },
        Case("cert that is not there", says: ["The client certificate /none.pem can't be used: No such file"])
        {
            ($0.certificateFile, $0.keyFile) = ("/none.pem", $1.client.keyFile)
        },
        Case(
            "key of another certificate",
            says: [
                "The private key", "does not belong to", "(subject CN=caches test client",
                "belongs to `cert`",
            ]
        ) {
            ($0.certificateFile, $0.keyFile) = ($1.client.certificateFile, $1.server(.valid).keyFile)
        },
        Case("key that is not there", says: ["The private key /none.key can't be used: No such file"]) {
            ($0.certificateFile, $0.keyFile) = ($1.client.certificateFile, "/none.key")
        },
        Case("encrypted key without a password", says: ["is encrypted", "key-password-file=FILE"]) {
            ($0.certificateFile, $0.keyFile) = ($1.client.certificateFile, $1.encryptedKeyFile)
        },
        Case("encrypted key with a wrong password", says: ["does not open", "key-password-env"]) {
            ($0.certificateFile, $0.keyFile) = ($1.client.certificateFile, $1.encryptedKeyFile)
            $0.keyPassword = .text(Secret(secret))
        },
        Case("encrypted key with a password file that is not there", says: ["/none", "key-password-file"]) {
            ($0.certificateFile, $0.keyFile) = ($1.client.certificateFile, $1.encryptedKeyFile)
            $0.keyPassword = .file("/none")
        },
        Case("encrypted key with a variable that is not set", says: ["NO_SUCH_VARIABLE", "key-password-env"])
        {
            ($0.certificateFile, $0.keyFile) = ($1.client.certificateFile, $1.encryptedKeyFile)
            $0.keyPassword = .environment("NO_SUCH_VARIABLE")
        },
        Case("suites that nobody knows", says: ["knows none of the TLS 1.3 suites", "cipher-suites"]) {
            tls, _ in
            tls.cipherSuites = "NO-SUCH-SUITE"
        },
    ]

    @Test("A wrong setting or certificate is refused with its own error", arguments: refused)
    func refuses(_ fault: Case) async throws {
        try await withLocalFleet([fault.options, LocalServer.Options(name: "good", transport: .tls())]) {
            fleet in
            try await withFault(of: fault.node(in: fleet), beside: fleet.servers[1]) { error, node in
                #expect(error.code == .tls)
                for text in fault.says { #expect("\(error)".contains(text), "\(error)") }
                #expect(node.session == nil)
            }
        }
    }

    static let accepted = [
        Case("verify=full"),
        Case("verify=ca, wrong host name", .init(certificate: .otherHost)) { tls, _ in tls.verification = .ca
        },
        Case("verify=none, untrusted", .init(certificate: .untrusted)) { tls, _ in tls.verification = .none },
        Case("verify=none, expired", .init(certificate: .expired)) { tls, _ in tls.verification = .none },
        Case("verify=none, wrong host name", .init(certificate: .otherHost)) { tls, _ in
            tls.verification = .none
        },
        Case("verify=none, no ca", .init(certificate: .untrusted)) { tls, _ in
            (tls.verification, tls.authorityFile) = (.none, nil)
        },
        Case("sni names the certificate's host", .init(certificate: .otherHost)) { tls, _ in
            tls.serverName = "other.example"
        },
        Case("sni is an address", .init(certificate: .valid)) { tls, _ in tls.serverName = "127.0.0.1" },
        Case("the other authority's ca", .init(certificate: .untrusted)) {
            $0.authorityFile = $1.otherAuthorityFile
        },
        Case("client certificate, required", .init(clientCertificates: .required)),
        Case("client certificate, optional", .init(clientCertificates: .optional)),
        Case("no client certificate, optional", .init(clientCertificates: .optional)) { tls, _ in
            (tls.certificateFile, tls.keyFile) = (nil, nil)
        },
        Case("min-tls=1.3") { tls, _ in tls.minimumVersion = .tls13 },
        Case("an encrypted key, its password in a file", .init(clientCertificates: .required)) {
            ($0.keyFile, $0.keyPassword) = ($1.encryptedKeyFile, .file($1.keyPasswordFile))
        },
        Case("a certificate that is not on the revocation list") { $0.revocationFile = $1.revocationFile },
        Case("a revoked certificate, where no list is given", .init(certificate: .revoked)),
        Case("a self-signed certificate that is trusted", .init(certificate: .selfSigned)) {
            $0.authorityFile = $1.server(.selfSigned).certificateFile
        },
        Case("a suite in common", lines: ["tls-ciphersuites TLS_CHACHA20_POLY1305_SHA256"]) { tls, _ in
            tls.cipherSuites = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
        },
        Case("a cipher in common", lines: ["tls-protocols TLSv1.2"]) { tls, _ in
            tls.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"
        },
    ]

    @Test("An allowed setting or certificate is accepted", arguments: accepted)
    func accepts(_ allowed: Case) async throws {
        try await withLocalFleet([allowed.options]) { fleet in
            try await withPool(PoolConfiguration(nodes: [allowed.node(in: fleet)])) { pool in
                let node = try pool.nodes[0]
                #expect(try await node.send("PING", deadline: .after(.seconds(10))) == .status("PONG"))
                #expect(node.session?.cipher != nil)
            }
        }
    }

    @Test(
        "`min-tls` is the lowest version that is accepted",
        arguments: [("TLSv1.2", TLSConfiguration.Version.tls12), ("TLSv1.3", .tls12), ("TLSv1.3", .tls13)])
    func versions(offered: String, minimum: TLSConfiguration.Version) async throws {
        let options = LocalServer.Options(transport: .tls(), lines: ["tls-protocols \(offered)"])
        try await withLocalFleet([options]) { fleet in
            let node = try fleet.servers[0].node { $0.connection.tls?.minimumVersion = minimum }
            try await withPool(PoolConfiguration(nodes: [node])) { pool in
                _ = try await pool.nodes[0].send("PING", deadline: .after(.seconds(10)))
                #expect(try pool.nodes[0].session?.tlsVersion == offered)
            }
        }
    }

    @Test("TLS to a plain port is distinguished from other failures")
    func plainPort() async throws {
        let servers = [LocalServer.Options(name: "bad", access: .password(secret)), .init(name: "good")]
        try await withLocalFleet(servers) { fleet in
            let node = try fleet.servers[0].node { $0.connection.tls = TLSConfiguration() }
            try await withFault(of: node, beside: fleet.servers[1], deadline: .seconds(10)) { error, _ in
                // Depending on its random bytes, a server takes a handshake for an unfinished line.
                #expect([.tls, .timeout].contains(error.code))
                #expect(error.advice?.contains("redis://") == true, "\(error)")
            }
        }
    }

    @Test("Plain text to a TLS port is distinguished from other failures")
    func tlsPort() async throws {
        let servers = [
            LocalServer.Options(name: "bad", transport: .tls(), access: .password(secret)),
            .init(name: "good"),
        ]
        try await withLocalFleet(servers) { fleet in
            let node = try fleet.servers[0].node { $0.connection.tls = nil }
            try await withFault(of: node, beside: fleet.servers[1]) { error, _ in
                #expect([.protocolViolation, .connectionLost].contains(error.code))
                #expect(error.advice?.contains("rediss://") == true, "\(error)")
            }
        }
    }

    @Test("A node works once its server shows a certificate that is valid")
    func renewed() async throws {
        let bad = LocalServer.Options(
            name: "bad", transport: .tls(.init(certificate: .expired)), access: .password(secret))
        try await withLocalFleet([bad, LocalServer.Options(name: "good")]) { fleet in
            try await withFault(of: fleet.servers[0].node(), beside: fleet.servers[1]) { error, node in
                #expect(error.code == .tls)
                let valid = try #require(fleet.certificates).server(.valid)
                try await fleet.servers[0].command("CONFIG", "SET", "tls-cert-file", valid.certificateFile)
                try await node.recovers()
            }
        }
    }

    struct Peer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: ScriptedServer.Script
        let says: [String]
    }

    /// The first bytes of a handshake's answer: a record of a hundred bytes that holds a ServerHello.
    private static let truncated: [UInt8] = [22, 3, 3, 0, 100, 2, 0, 0, 96, 3, 3]

    static let peers = [
        Peer(
            testDescription: "a truncated handshake", script: [.receive, .send(truncated), .close],
            says: ["the TLS handshake", "the server closed it"]),
        Peer(
            testDescription: "a closed handshake", script: [.receive, .close], says: ["the server closed it"]),
        Peer(
            testDescription: "an alert", script: [.receive, .send([21, 3, 3, 0, 2, 2, 40]), .close],
            says: ["handshake failure", "ciphers"]),
        Peer(
            testDescription: "64 KiB of noise", script: [.receive, .send(noise(first: 0xA7)), .close],
            says: ["is not TLS", "address and port"]),
        Peer(
            testDescription: "64 KiB of noise in a record's form",
            script: [.receive, .send(noise(first: 22)), .close],
            says: ["TLS handshake failed"]),
        Peer(
            testDescription: "Redis without TLS",
            script: [.receive, .send(Array("-ERR unknown command\r\n".utf8)), .close],
            says: ["without TLS", "redis://"]),
        Peer(
            testDescription: "HTTP",
            script: [.receive, .send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .close],
            says: ["is not TLS", "address and port"]),
    ]

    private static func noise(first: UInt8) -> [UInt8] {
        var state: UInt64 = 1905
        return [first]
            + (1..<(64 << 10)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
    }

    @Test("A peer that does not shake hands has its own error", arguments: peers)
    func handshake(_ fault: Peer) async throws {
        let peer = try ScriptedServer(fault.script)
        try await withLocalFleet(nodes: 1) { fleet in
            var node = try peer.node()
            node.connection.tls = TLSConfiguration()
            try await withFault(of: node, beside: fleet.servers[0]) { error, _ in
                #expect(error.code == .tls, "\(error)")
                for text in fault.says { #expect("\(error)".contains(text), "\(error)") }
            }
        }
        peer.stop()
    }
}

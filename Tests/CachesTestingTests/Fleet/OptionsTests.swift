import TestSupport
import Testing

@testable import CachesTesting

@Suite("The options of a local server")
struct OptionsTests {
    @Test(
        "The options of a local server make a server that redis-cli reaches by its DSN",
        arguments: [
            LocalServer.Options(),
            .init(transport: .unix),
            .init(transport: .tls()),
            .init(transport: .tls(.init(clientCertificates: .optional))),
            .init(transport: .tls(.init(clientCertificates: .required))),
            .init(access: .password("p@ss w:rd/#?%")),
            .init(transport: .tls(), access: .password("pa\"ss\\wörd")),
            .init(access: .user("app", password: "s3cr:et@")),
            .init(transport: .unix, access: .user("app", password: "x")),
        ])
    func reachable(options: LocalServer.Options) async throws {
        try await withLocalFleet([options]) { fleet in
            let answer = try await commandLine(fleet.servers[0], "PING")
            #expect(answer.output == "PONG\n")
        }
    }

    @Test(
        "The options of a local server keep out clients without a password",
        arguments: [LocalServer.Access.password("x"), .user("app", password: "x")])
    func authentication(access: LocalServer.Access) async throws {
        try await withLocalFleet([.init(access: access)]) { fleet in
            let port = try #require(fleet.servers[0].port)
            let answer = try await Program.run("redis-cli", "-p", "\(port)", "PING")
            #expect(answer.output.contains("NOAUTH"))
        }
    }

    @Test("The options of a local server limit an ACL user to its rules")
    func rules() async throws {
        let access = LocalServer.Access.user("reader", password: "x", rules: "~public:* +get")
        try await withLocalFleet([.init(access: access)]) { fleet in
            let server = fleet.servers[0]
            let read = try await commandLine(server, "GET", "public:a")
            #expect(read.output == "\n")
            let write = try await commandLine(server, "SET", "public:a", "1")
            #expect(write.output.contains("NOPERM"))
        }
    }

    @Test("The options of a local server turn away clients without a certificate, if one is required")
    func clientCertificate() async throws {
        try await withLocalFleet([.init(transport: .tls(.init(clientCertificates: .required)))]) { fleet in
            let port = try #require(fleet.servers[0].port)
            let authority = try #require(fleet.certificates).authorityFile
            let answer = try await Program.run(
                "redis-cli", "-h", "localhost", "-p", "\(port)", "--tls", "--cacert", authority, "PING")
            #expect(answer.output.contains("PONG") == false)
        }
    }

    @Test(
        "The options of a local server show the certificate asked for",
        arguments: TestCertificates.ServerCertificate.allCases)
    func serverCertificate(certificate: TestCertificates.ServerCertificate) async throws {
        try await withLocalFleet([.init(transport: .tls(.init(certificate: certificate)))]) { fleet in
            let port = try #require(fleet.servers[0].port)
            let authority = try #require(fleet.certificates).authorityFile
            let client = try await Program.run(
                "openssl", "s_client", "-connect", "localhost:\(port)", "-CAfile", authority,
                "-verify_hostname", "localhost", "-verify_return_error")
            let verdict =
                switch certificate {
                case .valid, .expiring, .revoked: "Verify return code: 0 (ok)"
                case .notYetValid: "certificate is not yet valid"
                case .selfSigned: "self-signed certificate"
                case .otherHost: "hostname mismatch"
                case .expired: "certificate has expired"
                case .untrusted: "unable to get local issuer certificate"
                }
            #expect(client.output.contains(verdict), "\(client.output)")
        }
    }

    @Test("The options of a local server set the number of databases and any other directive")
    func directives() async throws {
        try await withLocalFleet([.init(databases: 2, lines: ["maxmemory 64mb", "maxclients 50"])]) { fleet in
            let server = fleet.servers[0]
            let databases = try await server.command("CONFIG", "GET", "databases")
            let memory = try await server.command("CONFIG", "GET", "maxmemory")
            #expect(databases.elements.last?.integer == 2)
            #expect(memory.elements.last?.integer == 64 << 20)
        }
    }

    /// Runs redis-cli with the options that the server's DSN calls for.
    private func commandLine(_ server: LocalServer, _ words: String...) async throws -> Program {
        var arguments = ["redis-cli", "--no-auth-warning"]
        switch server.options.transport {
        case .unix:
            arguments += ["-s", server.socketPath]
            if case .user(let name, let password, _) = server.options.access {
                arguments += ["--user", name, "--pass", password]
            }
        case .tcp, .tls:
            // redis-cli takes the user in `:password@` for one with an empty name.
            let dsn = server.dsn.replacing("://:", with: "://default:").prefix { $0 != "#" }
            let parts = dsn.split(separator: "?")
            arguments += ["-u", String(parts[0])]
            for option in parts.dropFirst().flatMap({ $0.split(separator: "&") }) {
                let pair = option.split(separator: "=")
                arguments += [pair[0] == "ca" ? "--cacert" : "--\(pair[0])", String(pair[1])]
            }
        }
        return try await Program.run(arguments + words)
    }
}

import CachesTesting
import CachesTransport
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// Certificates, keys and passwords that change while they are in use.
@Suite("Rotation") struct RotationOnServersTests {
    /// A folder of files as a secret store mounts it: each is replaced as a whole.
    private final class Mount: Sendable {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "caches-mount-\(UUID().uuidString)")

        init() throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func path(_ name: String) -> String { folder.appending(path: name).path }

        func copy(_ file: String, to name: String) throws {
            try write(try Data(contentsOf: URL(filePath: file)), to: name)
        }

        func write(_ data: Data, to name: String) throws {
            try data.write(to: folder.appending(path: name), options: .atomic)
        }
    }

    /// Counts calls, and those that fail, until it is told to stop.
    private final class Load: Sendable {
        private let stopped = Atomic(false)
        private let calls = Atomic(0)
        private let failures = Mutex<[String]>([])

        var count: Int { calls.load(ordering: .relaxed) }
        var failed: [String] { failures.withLock { $0 } }

        func stop() { stopped.store(true, ordering: .relaxed) }

        func run(on node: Node, _ number: Int) async {
            let key = "load.\(number)"
            while !stopped.load(ordering: .relaxed) {
                do {
                    _ = try await node.send("SET", key, "1", deadline: .after(.seconds(60)))
                    calls.wrappingAdd(1, ordering: .relaxed)
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
    }

    /// Calls the pool's nodes from several tasks while `body` runs, and expects that no call fails.
    private func underLoad(_ nodes: [Node], _ body: (Load) async throws -> Void) async throws {
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, node) in (nodes + nodes + nodes + nodes).enumerated() {
                group.addTask { await load.run(on: node, number) }
            }
            defer { load.stop() }
            try await eventually { load.count > 100 }
            try await body(load)
            let before = load.count
            try await eventually { load.count > before + 100 }
        }
        #expect(load.failed == [])
    }

    @Test(
        "Authority, certificate, key and password change under load: no call fails, and all of them are used")
    func everything() async throws {
        let options = ["a", "b"].map { name in
            LocalServer.Options(
                name: name, transport: .tls(.init(clientCertificates: .required)),
                access: .user("app", password: "first-\(secret)"))
        }
        try await withLocalFleet(options) { fleet in
            let certificates = try #require(fleet.certificates)
            let mount = try Mount()
            try mount.copy(certificates.authorityFile, to: "ca.pem")
            try mount.copy(certificates.client.certificateFile, to: "cert.pem")
            try mount.copy(certificates.client.keyFile, to: "key.pem")
            try mount.write(Data("first-\(secret)\n".utf8), to: "password")
            let nodes = try fleet.servers.map { server in
                try server.node { node in
                    node.connection.tls?.authorityFile = mount.path("ca.pem")
                    node.connection.tls?.certificateFile = mount.path("cert.pem")
                    node.connection.tls?.keyFile = mount.path("key.pem")
                    node.connection.credentials = nil
                    node.connection.credentialsProvider = .passwordFile(
                        mount.path("password"), username: "app")
                    node.connection.reloadInterval = .milliseconds(50)
                }
            }
            let log = LogRecorder()
            try await withPool(PoolConfiguration(nodes: nodes), logger: log.logger) { pool in
                try await underLoad(pool.nodes) { _ in
                    let first = try await connections(of: fleet)
                    // The servers take both, as they do while one is replaced by the other.
                    for server in fleet.servers {
                        try await server.command(
                            "CONFIG", "SET", "tls-ca-cert-file", certificates.authoritiesFile)
                        try await server.command("ACL", "SETUSER", "app", ">second-\(secret)")
                    }
                    try mount.copy(certificates.authoritiesFile, to: "ca.pem")
                    try mount.copy(certificates.otherClient.certificateFile, to: "cert.pem")
                    // A moment in which key and certificate do not fit.
                    try await eventually {
                        log.lines.contains { $0.error?.contains("does not belong to") == true }
                    }
                    try mount.copy(certificates.otherClient.keyFile, to: "key.pem")
                    try mount.write(Data("second-\(secret)\n".utf8), to: "password")
                    // New connections, one a server, and the former ones are gone.
                    try await eventually {
                        let now = try await connections(of: fleet)
                        return now.count == 2 && now.isDisjoint(with: first)
                    }
                    try await eventually {
                        try pool.nodes.allSatisfy {
                            $0.session?.credentials?.password == Secret("second-\(secret)")
                        }
                    }
                    // Now the servers show the certificate of the other authority, and take no other client's
                    // certificate.
                    for server in fleet.servers {
                        try await server.command("ACL", "SETUSER", "app", "<first-\(secret)")
                        try await server.command(
                            "CONFIG", "SET", "tls-ca-cert-file", certificates.otherAuthorityFile)
                        try await server.command(
                            "CONFIG", "SET", "tls-cert-file", certificates.server(.untrusted).certificateFile)
                    }
                    try mount.copy(certificates.otherAuthorityFile, to: "ca.pem")
                    try await eventually {
                        try pool.nodes.allSatisfy {
                            $0.session?.certificates.first?.issuer == "CN=caches test other-authority"
                        }
                    }
                    try await eventually { try await connections(of: fleet).count == 2 }
                }
            }
            #expect(!log.lines.contains { "\($0)".contains(secret) })
            #expect(log.lines.allSatisfy { $0.message.contains("can't be used yet") }, "\(log.lines)")
        }
    }

    @Test("With a password that changes the live connection authenticates again, and is not replaced")
    func livePassword() async throws {
        let options = LocalServer.Options(name: "a", access: .user("app", password: "first-\(secret)"))
        try await withLocalFleet([options]) { fleet in
            let server = fleet.servers[0]
            let current = Mutex("first-\(secret)")
            let node = try server.node { node in
                node.connection.credentials = nil
                node.connection.credentialsProvider = CredentialsProvider {
                    Credentials(username: "app", password: Secret(current.withLock { $0 }))
                }
                node.connection.reloadInterval = .milliseconds(20)
            }
            let log = LogRecorder()
            try await withPool(PoolConfiguration(nodes: [node]), logger: log.logger) { pool in
                try await underLoad(pool.nodes) { _ in
                    let before = try await connections(of: fleet)
                    // Before the server knows it, the password is refused, logged once, and tried again.
                    current.withLock { $0 = "second-\(secret)" }
                    try await eventually {
                        log.lines.contains { $0.error?.contains("refused the password") == true }
                    }
                    let refused = try await authentications(server)
                    try await eventually { try await authentications(server) > refused + 2 }
                    try await server.command("ACL", "SETUSER", "app", ">second-\(secret)")
                    try await eventually {
                        try pool.nodes[0].session?.credentials?.password == Secret("second-\(secret)")
                    }
                    #expect(try await connections(of: fleet) == before)
                }
            }
            #expect(log.lines.count == 1)
            #expect(!log.lines.contains { "\($0)".contains(secret) })
        }
    }

    @Test("Many nodes replace their connections one after the other, spread over the interval")
    func pace() async throws {
        try await withLocalFleet(nodes: 1, options: .init(transport: .tls())) { fleet in
            let mount = try Mount()
            let authority = try #require(fleet.certificates).authorityFile
            try mount.copy(authority, to: "ca.pem")
            let interval = Duration.seconds(4)
            let nodes = try (0..<8).map { number in
                try fleet.servers[0].node { node in
                    node.name = "n\(number)"
                    node.connection.tls?.authorityFile = mount.path("ca.pem")
                    node.connection.reloadInterval = interval
                }
            }
            try await withPool(PoolConfiguration(nodes: nodes)) { pool in
                for node in try pool.nodes { _ = try await node.send("PING", deadline: .after(.seconds(60))) }
                let server = fleet.servers[0]
                let first = try await Set(server.clients().map { $0["id"] ?? "" })
                try mount.copy(authority, to: "ca.pem")
                try await eventually {
                    let now = try await Set(server.clients().map { $0["id"] ?? "" })
                    return first.isDisjoint(with: now)
                }
                // Not all at once: the server knows how many seconds ago each came.
                let ages = try await server.clients().filter { $0["name"]?.hasPrefix("caches:") == true }
                    .compactMap { $0["age"].flatMap { Int($0) } }
                #expect(ages.count == 8)
                #expect((ages.max() ?? 0) - (ages.min() ?? 0) >= 1, "\(ages)")
            }
        }
    }

    @Test(
        "Partial verification is logged once for each node", arguments: TLSConfiguration.Verification.allCases
    )
    func verification(_ verification: TLSConfiguration.Verification) async throws {
        try await withLocalFleet(nodes: 1, options: .init(name: "a", transport: .tls())) { fleet in
            let log = LogRecorder()
            let node = try fleet.servers[0].node { $0.connection.tls?.verification = verification }
            try await withPool(PoolConfiguration(nodes: [node]), logger: log.logger) { pool in
                for _ in 0..<3 {
                    try await eventually { (try? await pool.nodes[0].send("PING")) != nil }
                    try await fleet.servers[0].command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                }
            }
            let lines = log.lines.filter { $0.message == "TLS is not fully verified" }
            #expect(lines.count == (verification == .full ? 0 : 1))
            #expect(lines.allSatisfy { $0.node == "a1" && $0.level == .warning })
        }
    }

    /// The numbers of the pools' connections, of all servers.
    private func connections(of fleet: LocalFleet) async throws -> Set<String> {
        var all: Set<String> = []
        for server in fleet.servers {
            for client in try await server.clients() { all.insert("\(server.name) \(client["id"] ?? "")") }
        }
        return all
    }

    /// How often `AUTH` was called.
    private func authentications(_ server: LocalServer) async throws -> Int {
        let text = try await server.command("INFO", "commandstats").text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_auth:") }
        return line.flatMap { $0.firstMatch(of: /calls=(\d+)/).flatMap { Int($0.1) } } ?? 0
    }
}

import Caches
import CachesTesting
import Foundation
import Testing

@testable import CachesCluster

/// The ACL user of `Config/production-redis.conf`.
struct LeastPrivilegeTests {
    private let document: Document
    /// The text after the password: key patterns and commands.
    private let rules: [String]

    init() throws {
        document = try Document("Config/production-redis.conf")
        let line = try #require(
            document.text.split(separator: "\n").first { $0.hasPrefix("user app on >… ") })
        rules = line.split(separator: " ").dropFirst(4).map(String.init)
    }

    @Test("It may run the library's commands, and no others")
    func commands() {
        #expect(rules.filter { $0.hasPrefix("+") } == UsedCommand.names.map { "+\($0)" })
        #expect(rules.allSatisfy { $0.hasPrefix("+") || $0.hasPrefix("~") })
    }

    @Test("Every command in the list is one that the library's sources name")
    func used() throws {
        let sources = Document.root.appending(path: "Sources")
        var texts = ""
        for floor in ["CachesTransport", "CachesCluster", "Caches"] {
            let files = FileManager.default.enumerator(
                at: sources.appending(path: floor), includingPropertiesForKeys: nil)
            for case let file as URL in files ?? .init() {
                guard file.pathExtension == "swift", file.lastPathComponent != "UsedCommand.swift" else {
                    continue
                }
                texts += try String(contentsOf: file, encoding: .utf8)
            }
        }
        for command in UsedCommand.all {
            let name = command.name.split(separator: "|").last!.uppercased()
            #expect(
                texts.contains("\"\(name)\"") || texts.contains("'\(name)'")
                    || command.purpose == .observation,
                "\(name)")
        }
    }

    private final class UserCache: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "user" }
        override class var ttl: TTL { .minutes(1) }
    }

    private final class SessionCache: DictCache<String, Int>, @unchecked Sendable {
        override class var prefix: String { "session" }
        override class var ttl: TTL { .minutes(1) }
    }

    private final class ForeignCache: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "foreign" }
    }

    @Test("With its patterns the classes' keys can be used, and no others")
    func patterns() async throws {
        let access = LocalServer.Access.user(
            "app", password: "Xyzzy-1905", rules: rules.joined(separator: " "))
        try await withLocalFleet([.init(name: "a", access: access)]) { fleet in
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .seconds(60)
            let pool = try CachePool(configuration)
            let user = UserCache("42", on: pool)
            try await user.set("ada")
            #expect(try await user.get() == "ada")
            let sessions = SessionCache("x", on: pool)
            try await sessions.set("visits", to: 1)
            #expect(try await sessions.get("visits") == 1)
            let error = await #expect(throws: CachesError.self) {
                try await ForeignCache("42", on: pool).set("ada")
            }
            #expect(error?.code == .authentication)
            #expect(error?.advice?.contains("key pattern") == true)
            await pool.close()
        }
    }

    @Test("The rest of the file is a server's configuration")
    func configuration() async throws {
        let lines = document.text.split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("#") && !$0.hasPrefix("tls-") && !$0.hasPrefix("port") && !$0.hasPrefix("user")
        }
        try await withLocalFleet([.init(transport: .tls(.init(clientCertificates: .optional)), lines: lines)])
        { fleet in
            let reply = try await fleet.servers[0].command("CONFIG", "GET", "maxmemory-policy")
            #expect(reply.elements.map(\.text) == ["maxmemory-policy", "allkeys-lru"])
        }
    }
}

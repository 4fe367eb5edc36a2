import CachesCluster
import CachesTesting
import CachesTransport
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl doctor`, on real servers")
struct DoctorTests {
    /// A server without any warning except those that a test adds.
    private static let lines = ["maxmemory 64mb", "maxmemory-policy allkeys-lru"]

    private func nodes(of result: ToolRun.Result) throws -> [[String: Any]] {
        let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(report?["nodes"] as? [[String: Any]])
    }

    private func messages(_ node: [String: Any]) -> [String] {
        (node["findings"] as? [[String: Any]] ?? []).compactMap { $0["message"] as? String }
    }

    @Test("A server in order: its certificate, memory, persistence, clock, user and permissions")
    func fine() async throws {
        try await withLocalFleet([
            .init(
                name: "a", transport: .tls(.init(certificate: .valid)),
                access: .user("app", password: "Xyzzy-1905"),
                lines: Self.lines + ["save 3600 1"])
        ]) { fleet in
            let json = try await ToolRun.result("doctor", "--json", environment: fleet.environment)
            let node = try #require(try nodes(of: json).first)
            #expect(json.status == 0)
            #expect(node["user"] as? String == "app")
            #expect(node["commands_denied"] as? [String] == [])
            #expect(node["permissions_checked_by"] as? String == "ACL DRYRUN")
            #expect(node["maxmemory"] as? Int == 64 << 20)
            #expect(node["maxmemory_policy"] as? String == "allkeys-lru")
            #expect(node["save"] as? String == "3600 1")
            #expect(node["appendonly"] as? Bool == false)
            #expect(abs(try #require(node["clock_ahead_us"] as? Int)) < 1_000_000)
            #expect((node["round_trip"] as? [String: Any])?["count"] as? Int == 10)
            #expect((node["tls"] as? [String: Any])?["version"] as? String == "TLSv1.3")
            let certificate = try #require((node["certificates"] as? [[String: Any]])?.first)
            #expect(certificate["names"] as? [String] == ["localhost", "127.0.0.1", "::1"])
            #expect(certificate["subject"] as? String == "CN=caches test server")
            #expect(certificate["issuer"] as? String == "CN=caches test authority")
            #expect([29, 30].contains(certificate["days_left"] as? Int))
            #expect((node["other_pools"] as? [Any])?.isEmpty == true)

            let text = try await ToolRun.result("doctor", environment: fleet.environment)
            #expect(
                text.lines.contains { $0.contains("certificate") && $0.contains("CN=caches test server") })
            #expect(text.lines.contains { $0.contains("app, may run every command of the library") })
            #expect(!(text.output + json.output).contains("Xyzzy-1905"))
        }
    }

    @Test(
        "A warning leaves the exit code at 0, and --strict makes it 1; a server that is down is 1 in any case"
    )
    func exitCodes() async throws {
        try await withLocalFleet([.init(name: "a"), .init(name: "b", lines: Self.lines)]) { fleet in
            let lax = try await ToolRun.result("doctor", environment: fleet.environment)
            #expect(lax.status == 0)
            #expect(lax.lines.last == "2 servers: 1 fine, 1 with warnings, 0 failing")
            #expect(
                try await ToolRun.result("doctor", "--strict", environment: fleet.environment).status == 1)
            fleet.servers[1].kill()
            let down = try await ToolRun.result("doctor", environment: fleet.environment)
            #expect(down.status == 1)
            #expect(down.lines.contains { $0.hasPrefix("  ✗ No connection to 127.0.0.1") })
            #expect(down.lines.last == "2 servers: 0 fine, 1 with warnings, 1 failing")
        }
        #expect(try await ToolRun.result("doctor").status == 64)
    }

    @Test("Another program's pool that places keys differently is named, with its address")
    func strangers() async throws {
        try await withLocalFleet([.init(name: "a", lines: Self.lines), .init(name: "b", lines: Self.lines)]) {
            fleet in
            let same = try CachePool(fleet.dsns)
            let different = try CachePool([fleet.dsns[0].replacing("#a", with: "?client-name=shop#z")])
            _ = try await same.nodes[0].send("PING", deadline: .after(.seconds(20)))
            _ = try await different.nodes[0].send("PING", deadline: .after(.seconds(20)))
            let result = try await ToolRun.result("doctor", "--json", environment: fleet.environment)
            let nodes = try nodes(of: result)
            let others = try #require(nodes[0]["other_pools"] as? [[String: String]])
            let fingerprint = try different.fingerprint
            #expect(others.map { $0["name"] } == ["shop:\(fingerprint)"])
            #expect(others[0]["address"]?.contains(/^127\.0\.0\.1:\d+$/) == true)
            #expect(messages(nodes[0]).contains { $0.contains("shop:\(fingerprint) at 127.0.0.1:") })
            #expect(messages(nodes[1]) == [])
            await same.close()
            await different.close()
        }
    }

    @Test(
        "Missing rights of a user are found, whether it may ask or not, and nothing is written meanwhile",
        arguments: [
            ("~* +@all -zadd", "ACL DRYRUN"), ("~* +@all -zadd -acl", "MULTI"),
            ("~* +@all -zadd -@admin", "MULTI"),
        ])
    func permissions(rules: String, method: String) async throws {
        try await withLocalFleet([
            .init(name: "a", access: .user("app", password: "s3cret", rules: rules), lines: Self.lines)
        ]) { fleet in
            let result = try await ToolRun.result("doctor", "--json", environment: fleet.environment)
            let node = try #require(try nodes(of: result).first)
            #expect(result.status == 0)
            #expect(node["permissions_checked_by"] as? String == method)
            #expect(node["commands_denied"] as? [String] == ["zadd"])
            #expect(messages(node) == ["The user may not run ZADD, for SortedSetCache."])
            #expect(try await fleet.servers[0].command("DBSIZE").integer == 0)
        }
    }

    @Test(
        "Keys that the user may not use are reported if they are asked for",
        arguments: ["~user.* +@all", "~user.* +@all -acl"])
    func keys(rules: String) async throws {
        try await withLocalFleet([
            .init(name: "a", access: .user("app", password: "s3cret", rules: rules), lines: Self.lines)
        ]) { fleet in
            #expect(try await ToolRun.result("doctor", environment: fleet.environment).status == 0)
            let result = try await ToolRun.result(
                "doctor", "--json", "--key", "user.1", "--key", "session.1", environment: fleet.environment)
            #expect(result.status == 1)
            #expect(try nodes(of: result)[0]["keys_denied"] as? [String] == ["session.1"])
        }
    }

    @Test("Facts that the user may not see are shown as unknown, and are not faults")
    func blind() async throws {
        let rules = "~* +@all -@admin -@dangerous -acl -info"
        try await withLocalFleet([.init(name: "a", access: .user("app", password: "s3cret", rules: rules))]) {
            fleet in
            let result = try await ToolRun.result("doctor", environment: fleet.environment)
            #expect(result.status == 0)
            #expect(result.lines.contains { $0.contains("memory") && $0.hasSuffix("not told to this user") })
            #expect(result.lines.contains { $0.contains("  user ") && $0.contains("  app, ") })
        }
    }
}

import CachesCluster
import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl ping`, on real servers")
struct PingTests {
    @Test("Every server has its line: over TCP, TLS and a unix socket, with a password or without")
    func allUp() async throws {
        try await withLocalFleet([
            .init(name: "plain", access: .password("s3cret")), .init(name: "secure", transport: .tls()),
            .init(name: "near", transport: .unix, access: .user("app", password: "s3cret")),
        ]) { fleet in
            let result = try await ToolRun.result("ping", "--count", "3", environment: fleet.environment)
            #expect(result.status == 0)
            #expect(result.errors == "")
            #expect(result.lines.count == 6)
            #expect(result.lines[1...3].allSatisfy { $0.contains("master") && $0.hasSuffix("up") })
            let fingerprint = try CachePool(fleet.dsns).fingerprint
            #expect(result.lines[5] == "placement rendezvous, fingerprint \(fingerprint)")
            #expect(result.lines[2].contains(/secure  localhost:\d+ +1\.3 \w+/))
            #expect(!result.output.contains("s3cret") && !result.output.contains("\u{1B}"))
        }
    }

    @Test("A server that is down or frozen is named with the reason, and the others are still timed")
    func someDown() async throws {
        try await withLocalFleet([.init(name: "up"), .init(name: "dead"), .init(name: "frozen")]) { fleet in
            fleet.servers[1].kill()
            fleet.servers[2].pause()
            let result = try await ToolRun.result("ping", "--json", environment: fleet.environment)
            fleet.servers[2].resume()
            #expect(result.status == 1)
            let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            #expect(report?["up"] as? Int == 1)
            #expect(report?["down"] as? Int == 2)
            let nodes = try #require(report?["nodes"] as? [[String: Any]])
            #expect(nodes.map { $0["state"] as? String } == ["up", "down", "down"])
            #expect((nodes[0]["round_trip"] as? [String: Any])?["count"] as? Int == 20)
            let codes = nodes.map { ($0["error"] as? [String: Any])?["code"] as? String }
            #expect(
                codes[0] == nil && codes[1] == "unreachable" && ["timeout", "unreachable"].contains(codes[2]))
        }
    }

    @Test("A wrong password is reported as such, and not shown")
    func wrongPassword() async throws {
        try await withLocalFleet([.init(name: "a", access: .password("right"))]) { fleet in
            let dsn = fleet.dsns[0].replacing("right", with: "hunter2")
            let result = try await ToolRun.result("ping", environment: ["CACHES_DSN": dsn])
            #expect(result.status == 1)
            #expect(result.output.contains("✗ a: authentication: "))
            #expect(!(result.output + result.errors).contains("hunter2"))
        }
    }

    @Test(
        "A wrong configuration is reported on standard error, with exit code 64",
        arguments: [
            ([:], "CACHES_DSN='redis://"), (["CACHES_DSN": "redis://:hunter2@h:0"], "CACHES_DSN: "),
            (["CACHES_DSN_7": "http://h"], "CACHES_DSN_7: "),
            (["CACHES_DSN": "redis://h", "CACHES_POOL": "dedline=1s"], "CACHES_POOL: "),
            (["CACHES_DSN": "redis://h?weight=1.5", "CACHES_POOL": "placement=jedis"], "CACHES_DSN: "),
        ])
    func misconfigured(environment: [String: String], expected: String) async throws {
        let result = try await ToolRun.result("ping", environment: environment)
        #expect(result.status == 64)
        #expect(result.output == "")
        #expect(result.errors.contains(expected) && !result.errors.contains("hunter2"))
    }
}

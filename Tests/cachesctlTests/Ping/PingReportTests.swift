import CachesCluster
import CachesTerminal
import CachesTransport
import Foundation
import Testing

@testable import cachesctl

struct PingReportTests {
    private func report() throws -> PingReport {
        var up = NodeReport(
            try NodeConfiguration(dsn: "rediss://cache.example:7000/2#sessions/a", source: "test"))
        up.tls = .init(version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384")
        up.server = "redis 7.0.15"
        up.role = "master"
        for _ in 0..<20 { up.roundTrip.record(.microseconds(80)) }

        var down = NodeReport(try NodeConfiguration(dsn: "redis+unix:///run/b.sock#b", source: "test"))
        down.error = CachesError(
            .unreachable, "nothing listens at unix:/run/b.sock.", advice: "Start the server.", node: "b")
        return PingReport([up, down])
    }

    @Test("The table has a line for each node, and the reasons stand below")
    func table() throws {
        let lines = try report().lines(.plain, width: nil)
        #expect(lines.count == 5)
        #expect(
            lines[0].split(separator: " ") == [
                "name", "address", "tls", "server", "db", "role", "p50", "p99", "state",
            ])
        #expect(
            lines[1].split(separator: " ") == [
                "sessions/a", "cache.example:7000", "1.3", "AES_256_GCM_SHA384", "redis", "7.0.15", "2",
                "master",
                "80", "µs", "80", "µs", "up",
            ])
        #expect(
            lines[2].split(separator: " ") == ["b", "unix:/run/b.sock", "–", "–", "0", "–", "–", "–", "down"])
        #expect(lines[3] == "")
        #expect(lines[4] == "✗ b: unreachable: nothing listens at unix:/run/b.sock. Start the server.")
    }

    @Test("The placement stands between the table and the reasons")
    func placement() throws {
        var report = try report()
        report.placement = (.redisRB, "0123abcd")
        let lines = report.lines(.plain, width: nil)
        #expect(lines[3...5] == ["", "placement redis-rb, fingerprint 0123abcd", ""])
        #expect(lines.count == 7)
        #expect(try report.json().contains(#""fingerprint" : "0123abcd""#))
    }

    @Test("Eighty columns are enough for the table")
    func narrow() throws {
        let lines = try report().lines(.plain, width: 80)
        #expect(lines.prefix(3).allSatisfy { $0.displayWidth <= 80 })
        #expect(lines[2].hasSuffix("down"))
    }

    @Test("A server's control characters can't reach the terminal")
    func hostile() throws {
        var report = try report()
        report.nodes[0].server = "redis \u{1B}]0;owned\u{7}"
        report.nodes[1].error?.message = "\u{1B}[2Jgone"
        let text = report.lines(.plain, width: nil).joined()
        #expect(!text.contains("\u{1B}") && !text.contains("\u{7}"))
    }

    @Test("JSON has every key for every node, null where nothing is known")
    func json() throws {
        let object = try JSONSerialization.jsonObject(with: Data(report().json().utf8))
        let report = try #require(object as? [String: Any])
        #expect(report["up"] as? Int == 1)
        #expect(report["down"] as? Int == 1)
        #expect(report["placement"] is NSNull && report["fingerprint"] is NSNull)
        let nodes = try #require(report["nodes"] as? [[String: Any]])
        let keys: Set = [
            "name", "group", "address", "database", "tls", "server", "role", "round_trip", "state", "error",
        ]
        #expect(nodes.map { Set($0.keys) } == [keys, keys])

        #expect(nodes[0]["name"] as? String == "sessions/a")
        #expect(nodes[0]["group"] as? String == "sessions")
        #expect(nodes[0]["database"] as? Int == 2)
        #expect(
            nodes[0]["tls"] as? [String: String] == [
                "version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384",
            ])
        #expect(nodes[0]["state"] as? String == "up")
        let times = try #require(nodes[0]["round_trip"] as? [String: Double])
        #expect(times["count"] == 20)
        #expect(abs(try #require(times["p50_us"]) - 80) <= 0.8)

        #expect(nodes[1]["tls"] is NSNull && nodes[1]["group"] is NSNull)
        #expect(nodes[1]["state"] as? String == "down")
        let unknown = try #require(nodes[1]["round_trip"] as? [String: Any])
        #expect(unknown["p50_us"] is NSNull && unknown["p99_us"] is NSNull)
        #expect(
            nodes[1]["error"] as? [String: String] == [
                "code": "unreachable", "message": "nothing listens at unix:/run/b.sock.",
                "advice": "Start the server.",
            ])
    }
}

import CachesCluster
import CachesTerminal
import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl balance`")
struct BalanceTests {
    private static let environment = [
        "CACHES_DSN_1": "redis://h1#a", "CACHES_DSN_2": "redis://h2#sessions/b",
        "CACHES_DSN_3": "redis://h3#sessions/c",
    ]

    private static func object(_ result: ToolRun.Result) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(result.outputBytes)) as? [String: Any])
    }

    private static func nodes(_ shares: Any?) throws -> [String: Int?] {
        let nodes = try #require((shares as? [String: Any])?["nodes"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: nodes.map { ($0["node"] as? String ?? "", $0["keys"] as? Int) })
    }

    @Test("Without servers: shares by weight, and a ninth of the keys moves to a ninth node")
    func offline() async throws {
        let result = try await ToolRun.result(
            "balance", "--offline", "--nodes", "a,b,c,d,e,f,g,h", "--add", "i", "--keys", "20000")
        #expect(result.status == 0 && result.errors == "")
        #expect(result.lines.allSatisfy { $0.displayWidth <= 80 } && result.lines.count == 24)
        let last = try #require(
            result.lines.last?.wholeMatch(of: /(.*) keys of 20 000 \((.*) %\) change their node/))
        #expect(abs(try #require(Double(last.2)) - 11.1) < 0.7)

        let weighted = try Self.object(
            await ToolRun.result("balance", "--json", "--offline", "--nodes", "a,b=3", "--keys", "20000"))
        let nodes = try Self.nodes(weighted["before"])
        #expect(abs(Double((nodes["b"] ?? 0) ?? 0) / 20_000 - 0.75) < 0.01)
        #expect(weighted["after"] is NSNull)
    }

    @Test("With servers of the environment: added by DSN, removed by name, placed by another rule")
    func environment() async throws {
        let changed = try Self.object(
            await ToolRun.result(
                "balance", "--json", "--keys", "5000", "--add", "redis://h4?weight=2#d", "--remove", "a",
                environment: Self.environment))
        #expect(try Set(Self.nodes(changed["before"]).keys) == ["a", "sessions/b", "sessions/c"])
        #expect(try Set(Self.nodes(changed["after"]).keys) == ["d", "sessions/b", "sessions/c"])
        let moved = try #require(changed["moved"] as? Int)
        #expect(moved > 1000 && changed["moved_share"] as? Double == Double(moved) / 5000)

        let ruled = try Self.object(
            await ToolRun.result(
                "balance", "--json", "--keys", "5000", "--placement", "redis-rb",
                environment: Self.environment))
        #expect((ruled["before"] as? [String: Any])?["placement"] as? String == "rendezvous")
        #expect((ruled["after"] as? [String: Any])?["placement"] as? String == "redis-rb")

        let group = try Self.object(
            await ToolRun.result(
                "balance", "--json", "--keys", "500", "--on", "sessions", "--add", "redis://h5#sessions/d",
                environment: Self.environment))
        #expect(try Set(Self.nodes(group["before"]).keys) == ["sessions/b", "sessions/c"])
        #expect(try Set(Self.nodes(group["after"]).keys) == ["sessions/b", "sessions/c", "sessions/d"])
    }

    @Test("With --nodes, --placement is the rule before and after")
    func offlineRule() async throws {
        let object = try Self.object(
            await ToolRun.result(
                "balance", "--json", "--nodes", "a,b", "--placement", "ketama", "--keys", "100"))
        #expect((object["before"] as? [String: Any])?["placement"] as? String == "ketama")
        #expect(object["after"] is NSNull && object["moved"] is NSNull)
    }

    @Test("`--live` counts the keys that the servers have")
    func live() async throws {
        try await withLocalFleet([.init(name: "a"), .init(name: "b", transport: .tls())]) { fleet in
            for (server, count) in zip(fleet.servers, [30, 10]) {
                for number in 0..<count { _ = try await server.command("SET", "key\(number)", "") }
            }
            let result = try await ToolRun.result(
                "balance", "--live", "--keys", "1000", environment: fleet.environment)
            #expect(result.status == 0 && result.errors == "")
            #expect(result.output.contains("on the servers  DBSIZE, 40 keys"))
            #expect(result.lines.last == "peak to average 1.500")
            let object = try Self.object(
                await ToolRun.result(
                    "balance", "--live", "--json", "--keys", "1000", environment: fleet.environment))
            #expect(try Self.nodes(object["live"]) == ["a": 30, "b": 10])
        }
    }

    @Test("A server that can't be asked is named, and the others are still counted")
    func serverDown() async throws {
        try await withLocalFleet([.init(name: "a"), .init(name: "b")]) { fleet in
            _ = try await fleet.servers[0].command("SET", "key", "")
            fleet.servers[1].kill()
            let result = try await ToolRun.result(
                "balance", "--live", "--json", "--keys", "1000", environment: fleet.environment)
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("error: b: unreachable: "))
            let object = try Self.object(result)
            #expect(try Self.nodes(object["live"]) == ["a": 1, "b": nil])
            let text = try await ToolRun.result(
                "balance", "--live", "--keys", "1000", environment: fleet.environment)
            #expect(text.output.contains("b (unknown)"))
        }
    }

    @Test("`--svg` writes an image, and replaces an existing file")
    func image() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "balance-\(UUID()).svg").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for nodes in ["a,b,c,d,e", "a"] {
            let result = try await ToolRun.result(
                "balance", "--nodes", nodes, "--keys", "100", "--svg", path)
            #expect(result.status == 0)
            let svg = try String(contentsOfFile: path, encoding: .utf8)
            #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
            #expect(svg.matches(of: /<rect\s/).count == 1 + nodes.split(separator: ",").count)
        }
        let result = try await ToolRun.result("balance", "--nodes", "a", "--svg", "/nowhere/chart.svg")
        #expect(result.status == 1)
        #expect(result.errors == "error: /nowhere/chart.svg can't be written: No such file or directory.\n")
    }

    @Test(
        "Mistakes are reported on standard error, with exit code 64",
        arguments: [
            (["--keys", "0"], "--keys takes 1 to 100000000."),
            (["--offline"], "--offline needs --nodes."),
            (["--live", "--nodes", "a"], "--live asks the servers of the environment"),
            (["--remove", "x"], "--remove: no node is called x. The nodes are a, sessions/b, sessions/c."),
            (["--nodes", "a,b", "--remove", "c"], "--remove: no node is called c. The nodes are a, b."),
            (["--nodes", "a", "--remove", "a"], "at least one node"),
            (["--nodes", "a", "--add", "a"], "a: the identity a is that of another server already."),
            (["--nodes", "a", "--add", "b=x"], "--add: this is not a name"),
            (["--add", "h4"], "--add: this is not a DSN"),
            (["--add", "redis://hunter2@h4:0"], "--add: the port is not"),
            (["--add", "redis://h4#a"], "--add: the name a is that of the server in CACHES_DSN_1 already."),
            (
                ["--add", "redis://h4?weight=2", "--placement", "go-redis"],
                "--add: the placement go-redis has no"
            ),
            (["--on", "session"], "Did you mean sessions?"),
        ])
    func faults(arguments: [String], message: String) async throws {
        let result = try await ToolRun(["balance"] + arguments, environment: Self.environment).result
        #expect(result.status == 64)
        #expect(result.output == "" && result.errors.contains(message), "\(result.errors)")
        #expect(!result.errors.contains("hunter2"))
    }
}

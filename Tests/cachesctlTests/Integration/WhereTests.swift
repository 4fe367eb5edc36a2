import CachesCluster
import CachesTerminal
import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl where`, with no server")
struct WhereTests {
    private static let environment = [
        "CACHES_DSN_1": "redis://h1#a", "CACHES_DSN_2": "redis://h2#sessions/b",
        "CACHES_DSN_3": "redis://h3#sessions/c",
    ]

    @Test("Each line of input has its line of output, for every placement", arguments: PlacementRule.allCases)
    func lines(rule: PlacementRule) async throws {
        let names = (1...4).map { "10.0.1.\($0):11211" }
        // Lines that are empty, not UTF-8, with a tab, a tag or a carriage return, one long, the last not
        // ended.
        var keys = (0..<3000).map { Array("user.\($0)".utf8) }
        keys += [[], [0xFF, 0xFE, 0x80], Array("a\tb".utf8), Array("{tag}.x".utf8), Array("end\r".utf8)]
        keys += [[UInt8](repeating: 0x78, count: 600_000), Array("last".utf8)]
        let result = try await ToolRun(
            ["where", "--offline", "--placement", rule.rawValue, "--nodes", names.joined(separator: ",")],
            input: Array(keys.joined(separator: [0x0A]))
        ).result
        #expect(result.status == 0 && result.errors == "")
        let placement = try Placement(rule, names.map { .init($0) })
        let expected = keys.flatMap { key in
            key + Array("\t\(names[placement.owner(of: key.span)])\n".utf8)
        }
        #expect(result.outputBytes == expected)
    }

    @Test("Weights stand behind the names, and the names are hashed as they stand")
    func weights() async throws {
        let weights = [600.0, 300, 200, 350, 1000, 800, 950, 100]
        let nodes = weights.enumerated().map { Placement.Node("10.0.1.\($0 + 1):11211", weight: $1) }
        let keys = (0..<2000).map { "\($0)" }
        let result = try await ToolRun(
            [
                "where", "--offline", "--placement", "ketama",
                "--nodes", nodes.map { "\($0.identity)=\(Int($0.weight))" }.joined(separator: ","),
            ], input: Array((keys.joined(separator: "\n") + "\n").utf8)
        ).result
        let placement = try Placement(.ketama, nodes)
        #expect(result.lines == keys.map { "\($0)\t\(nodes[placement.owner(of: $0)].identity)" })
    }

    @Test("Without input there is no output")
    func empty() async throws {
        let result = try await ToolRun.result("where", "--offline", "--nodes", "a,b")
        #expect(result.status == 0 && result.output == "" && result.errors == "")
    }

    @Test("A key's nodes stand below it, its owner first, with the reason")
    func explanation() async throws {
        let result = try await ToolRun.result(
            "where", "user.42", "{user.42}.name", environment: Self.environment)
        #expect(result.status == 0 && result.errors == "")
        let pool = try CachePool(PoolConfiguration(environment: Self.environment))
        let order = try pool.failoverOrder(of: "user.42").map(\.name)
        let lines = result.lines
        #expect(lines.count == 15 && lines.allSatisfy { $0.displayWidth <= 80 })
        #expect(lines[0] == "user.42  →  \(order[0])")
        #expect(lines[1] == "  placement rendezvous: the highest score owns the key")
        #expect(lines[4...6].map { $0.split(separator: " ")[1] } == order.map { $0[...] })
        #expect(lines[8] == "{user.42}.name  →  \(order[0])")
        #expect(lines[10].hasSuffix(" of its tag user.42"))
    }

    @Test("The environment's placement holds, --placement another, --on a group alone")
    func choices() async throws {
        let ketama = Self.environment.merging(["CACHES_POOL": "placement=ketama"]) { $1 }
        let pool = try CachePool(PoolConfiguration(environment: ketama))
        let byRing = try await ToolRun.result("where", "user.7", environment: ketama)
        #expect(byRing.lines[0] == "user.7  →  \(try pool.node(for: "user.7").name)")
        // ketama hashes addresses.
        #expect(byRing.output.contains("hashed as") && byRing.output.contains("h1:6379"))
        let chosen = try await ToolRun.result(
            "where", "--placement", "ketama", "user.7", environment: Self.environment)
        #expect(chosen.output == byRing.output)
        let group = try await ToolRun.result("where", "--on", "sessions", "user.7", environment: ketama)
        #expect(group.lines[0] == "user.7  →  \(try pool.node(for: "user.7", connection: "sessions").name)")
        #expect(group.lines.count == 6)
    }

    @Test("JSON is an object for each key, for arguments and for lines")
    func json() async throws {
        let keys = ["user.1", "{t}x", "Zoë\"\\"]
        let arguments = try await ToolRun(
            ["where", "--json", "--placement", "jedis"] + keys, environment: Self.environment
        ).result
        let lines = try await ToolRun(
            ["where", "--json", "--placement", "jedis"], environment: Self.environment,
            input: Array(keys.joined(separator: "\n").utf8)
        ).result
        #expect(arguments.output == lines.output && arguments.lines.count == 3)
        var configuration = try PoolConfiguration(environment: Self.environment)
        configuration.placement = .jedis
        let pool = try CachePool(configuration)
        for (key, line) in zip(keys, arguments.lines) {
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(Set(object.keys) == ["key", "owner", "placement", "part", "hash", "order"])
            #expect(object["key"] as? String == key)
            #expect(object["part"] as? String == (key == "{t}x" ? "t" : key))
            let order = try #require(object["order"] as? [[String: Any]])
            #expect(try order.map { $0["node"] as? String } == pool.failoverOrder(of: key).map(\.name))
            #expect(order.allSatisfy { Set($0.keys) == ["node", "identity", "weight", "score", "point"] })
            #expect(object["owner"] as? String == order[0]["node"] as? String)
        }
    }

    @Test(
        "Mistakes are reported on standard error, with exit code 64",
        arguments: [
            (["--offline"], "--offline needs --nodes."),
            (["--nodes", "a,,b"], "'a,,b' is invalid"),
            (["--nodes", "a=x"], "'a=x' is invalid"),
            (["--nodes", "a,a"], "a: the identity a is that of another server already."),
            (["--nodes", "a=0"], "a: the weight is not from 0.001 to 1000000."),
            (["--nodes", "a,b=2", "--placement", "go-redis"], "b: the placement go-redis has no weights."),
            (["--nodes", "a=1.5", "--placement", "jedis"], "a: the placement jedis takes whole numbers"),
            (["--nodes", "a", "--placement", "ring"], "- twemproxy\n  - go-redis\n"),
            (["--nodes", "a", "--on", "sessions"], "--on names servers of the environment"),
            (["--on", "nobody"], "no server is configured"),
            ([], "no server is configured"),
        ])
    func faults(arguments: [String], message: String) async throws {
        let result = try await ToolRun(["where", "key"] + arguments).result
        #expect(result.status == 64)
        #expect(result.output == "" && result.errors.contains(message), "\(result.errors)")
    }

    @Test("An unknown name is an error that lists the names")
    func unknownName() async throws {
        let result = try await ToolRun.result("where", "--on", "session", "k", environment: Self.environment)
        #expect(result.status == 64 && result.errors.contains("Did you mean sessions?"))
    }

    @Test("Hostile keys and names don't reach the terminal")
    func hostile() async throws {
        let result = try await ToolRun.result("where", "--nodes", "a\u{1B}[2J,b", "k\u{7}\u{1B}]0;x")
        #expect(result.status == 0 && !result.output.contains("\u{1B}") && !result.output.contains("\u{7}"))
    }

    @Test("It ends normally while connections with TLS are still being opened")
    func endsWhileConnecting() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let port = try #require(fleet.servers[0].port)
            // The server speaks no TLS, and its answer does not matter.
            let environment = ["CACHES_DSN": "rediss+cluster://127.0.0.1:\(port)"]
            for _ in 0..<40 {
                let result = try await ToolRun(["where", "user.1"], environment: environment).result
                #expect(result.status == 0)
            }
        }
    }
}

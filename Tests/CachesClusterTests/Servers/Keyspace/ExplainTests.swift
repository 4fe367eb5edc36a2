import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// The facts that servers tell about a key.
@Suite struct ExplainTests {
    @Test("A key is explained: where it lives, what it holds, how long, how large, when it was used")
    func explained() async throws {
        try await withThreeServers { fleet, pool in
            let key = "user.{42}.name"
            let node = try pool.node(for: key)
            _ = try await node.send("SET", key, "Ada", "PX", "7200500")
            let told = try await pool.explain(key)
            #expect(told.key == key)
            #expect(told.node == node.name)
            #expect(try told.order == pool.failoverOrder(of: key).map(\.name))
            #expect(Set(told.order) == ["n1", "n2", "n3"])
            #expect(told.hashTag == "42")
            #expect(told.type == "string")
            #expect(told.encoding == "embstr")
            guard case .time(let left)? = told.timeLeft else { return #expect(Bool(false), "no ttl") }
            #expect((.seconds(7000)...(.seconds(7201))).contains(left))
            #expect(try #require(told.bytes) > key.utf8.count)
            #expect(try #require(told.idle) < .seconds(100))
            #expect(told.frequency == nil)
            #expect(told.age == nil)
            #expect(!told.isMissing)
            let lines = "\(told)".split(separator: "\n")
            #expect(lines[0] == "user.{42}.name")
            #expect(
                lines[1].hasPrefix("  node         \(node.name), then \(told.order[1]), \(told.order[2])"))
            #expect(lines[2] == "  placed by    42")
            #expect(lines[3] == "  type         string, encoded as embstr")
            #expect(lines[4].hasPrefix("  time left    "))
            #expect(lines[5].hasPrefix("  size         ") && lines[5].hasSuffix(" bytes"))
            #expect(lines[6].hasPrefix("  last used    "))
            #expect(lines.count == 7)
        }
    }

    @Test(
        "Every kind of value has its type",
        arguments: [
            (["HSET", "k", "a", "1"], "hash"), (["SADD", "k", "a"], "set"), (["RPUSH", "k", "a"], "list"),
            (["ZADD", "k", "1", "a"], "zset"), (["XADD", "k", "*", "a", "1"], "stream"),
        ])
    func types(words: [String], type: String) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await fleet.servers[0].command(words)
                let told = try await pool.explain("k")
                #expect(told.type == type)
                #expect(told.encoding != nil && told.bytes != nil && told.idle != nil)
                #expect(told.timeLeft == .forever)
                #expect("\(told)".contains("time left    forever"))
            }
        }
    }

    @Test("An explanation of a key that doesn't exist says where it would be")
    func missing() async throws {
        try await withThreeServers { _, pool in
            let told = try await pool.explain("nothing")
            #expect(told.isMissing)
            #expect(told.type == "none")
            #expect(told.timeLeft == .missing)
            #expect(told.order.count == 3)
            #expect(told.bytes == nil && told.encoding == nil && told.idle == nil && told.frequency == nil)
            #expect("\(told)".hasSuffix("  type         none: there is nothing at the key"))
            let error = await #expect(throws: CachesError.self) { _ = try await pool.explain("") }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("On the nodes of a connection only those are named")
    func connection() async throws {
        let servers = ["main", "sessions/a", "sessions/b"].map { LocalServer.Options(name: $0) }
        try await withLocalFleet(servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                let shared = try await pool.explain("k", connection: "sessions")
                #expect(Set(shared.order) == ["sessions/a", "sessions/b"])
                let single = try await pool.explain("k", connection: "main")
                #expect(single.order == ["main"])
                #expect("\(single)".contains("node         main\n"))
            }
        }
    }

    @Test("Asking does not count as a use of the key, and takes one round trip")
    func noUse() async throws {
        let options = LocalServer.Options(lines: ["maxmemory-policy allkeys-lfu", "lfu-decay-time 0"])
        try await withLocalFleet([options]) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await fleet.servers[0].command("SET", "k", "v")
                let first = try await pool.explain("k")
                for _ in 0..<20 { _ = try await pool.explain("k") }
                let last = try await pool.explain("k")
                #expect(first.frequency != nil)
                #expect(first.frequency == last.frequency)
                #expect(last.idle == nil)
                #expect("\(last)".contains("frequency    \(last.frequency!) of 255"))
            }
        }
    }

    @Test(
        "Facts that the user may not ask for are nil, and the others are told",
        arguments: [
            ("~* &* +@all -memory", "bytes"), ("~* &* +@all -object", "encoding"),
            ("~* &* +@all -pttl", "timeLeft"), ("~* &* +@all -type", "type"), ("~other &* +@all", "all"),
        ])
    func permissions(rules: String, missing: String) async throws {
        let options = LocalServer.Options(access: .user("app", password: secret, rules: rules))
        try await withLocalFleet([options]) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await fleet.servers[0].command("SET", "k", "v")
                let told = try await pool.explain("k")
                #expect((told.bytes == nil) == ["bytes", "all"].contains(missing))
                #expect((told.encoding == nil) == ["encoding", "all"].contains(missing))
                #expect((told.idle == nil) == ["encoding", "all"].contains(missing))
                #expect((told.timeLeft == nil) == ["timeLeft", "all"].contains(missing))
                #expect((told.type == nil) == ["type", "all"].contains(missing))
                #expect(!told.isMissing)
                #expect(!"\(told)".contains("nil"))
            }
        }
    }

    @Test("A node that is down, or that loads its data, is an error and not an explanation")
    func down() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                fleet.servers[0].kill()
                let error = await #expect(throws: CachesError.self) { _ = try await pool.explain("k") }
                #expect(error?.node == fleet.servers[0].name)
            }
        }
        let loading = "-LOADING Redis is loading the dataset in memory\r\n"
        let peer = try ScriptedServer([
            .answerUntil("TYPE"), .send(String(repeating: loading, count: 6)), .receive,
        ])
        try await withPool([peer.dsn()]) { pool in
            let error = await #expect(throws: CachesError.self) { _ = try await pool.explain("k") }
            #expect(error?.code.serverName == "LOADING")
        }
        peer.stop()
    }
}

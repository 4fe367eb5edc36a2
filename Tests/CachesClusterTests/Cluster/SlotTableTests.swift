import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// The servers' answers about their cluster.
@Suite struct SlotTableTests {
    private static let asked = Endpoint.tcp(host: "seed.example", port: 6379)

    /// A peer's answer to the given text.
    private func table(_ answer: String) async throws -> SlotTable? {
        try? await slots(answer).table
    }

    private func slots(_ answer: String, map: AddressMap? = nil) async throws -> SlotsAnswer {
        let peer = try ScriptedServer([.answerUntil("CLUSTER"), .send(answer)])
        defer { peer.stop() }
        return try await withPool([peer.dsn()]) { pool in
            try SlotsAnswer(try await pool.nodes[0].send("CLUSTER", "SLOTS"), asked: Self.asked, map: map)
        }
    }

    @Test(
        "A table of more servers than a cluster may have is an error that names the bound",
        arguments: [true, false])
    func tooManyServers(areReplicas: Bool) async throws {
        let servers = (0..<11).map { "*2\r\n$8\r\n10.0.0.1\r\n:\(7000 + $0)\r\n" }
        let answer =
            areReplicas
            ? "*1\r\n*13\r\n:0\r\n:16383\r\n" + servers.joined()
            : "*11\r\n"
                + servers.enumerated().map { "*3\r\n:\($0)\r\n:\($0)\r\n\($1)" }.joined()
        let peer = try ScriptedServer([.answerUntil("CLUSTER"), .send(answer)])
        defer { peer.stop() }
        try await withPool([peer.dsn()]) { pool in
            let reply = try await pool.nodes[0].send("CLUSTER", "SLOTS")
            #expect(try SlotsAnswer(reply, asked: Self.asked, mostServers: 11).table.places.count == 11)
            let error = #expect(throws: CachesError.self) {
                try SlotsAnswer(reply, asked: Self.asked, mostServers: 10)
            }
            #expect(error?.code == .protocolViolation)
            #expect(error?.message.contains("more than 10 servers") == true)
            #expect(error?.advice?.contains("max-servers") == true)
        }
    }

    @Test("Slots, masters and replicas, as Redis 7 tells them")
    func whole() async throws {
        let table = try await table(
            """
            *2\r\n*4\r\n:0\r\n:5460\r\n*4\r\n$8\r\n10.0.0.1\r\n:7001\r\n$1\r\na\r\n*0\r\n\
            *4\r\n$8\r\n10.0.0.2\r\n:7002\r\n$1\r\nb\r\n*2\r\n$8\r\nhostname\r\n$1\r\nh\r\n\
            *3\r\n:5461\r\n:16383\r\n*3\r\n$2\r\nh3\r\n:7003\r\n$1\r\nc\r\n
            """)
        #expect(
            table?.ranges == [
                .init(
                    slots: 0...5460, master: .tcp(host: "10.0.0.1", port: 7001),
                    replicas: [.tcp(host: "10.0.0.2", port: 7002)]),
                .init(slots: 5461...16_383, master: .tcp(host: "h3", port: 7003), replicas: []),
            ])
    }

    @Test(
        "A server that does not say its host is where it was asked",
        arguments: ["$-1\r\n", "$0\r\n\r\n"])
    func sameHost(host: String) async throws {
        let table = try await table("*1\r\n*3\r\n:0\r\n:1\r\n*3\r\n\(host):7001\r\n$1\r\na\r\n")
        #expect(table?.ranges.first?.master == .tcp(host: "seed.example", port: 7001))
    }

    /// `key value` as metadata, or no metadata.
    private static func entry(_ host: String, _ port: Int, _ metadata: [String] = []) -> String {
        let words = metadata.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        return "*4\r\n$\(host.utf8.count)\r\n\(host)\r\n:\(port)\r\n$1\r\na\r\n*\(metadata.count)\r\n\(words)"
    }

    @Test(
        "A server whose host is `?` is where the metadata say: by name, or else by address",
        arguments: [
            (["ip", "10.0.0.7"], "10.0.0.7"), (["hostname", "h7", "ip", "10.0.0.7"], "h7"),
            (["ip", "10.0.0.7", "hostname", ""], "10.0.0.7"), (["hostname", "?", "ip", "::7"], "::7"),
        ])
    func metadata(words: [String], host: String) async throws {
        let table = try await table("*1\r\n*3\r\n:0\r\n:1\r\n" + Self.entry("?", 7001, words))
        #expect(table?.ranges.first?.master == .tcp(host: host, port: 7001))
    }

    @Test(
        "Parts that can't be read are left out and reported, and everything else is used",
        arguments: [
            ("*3\r\n:0\r\n:99\r\n" + entry("10.0.0.1", 0), "port is 0"),
            ("*3\r\n:0\r\n:99\r\n" + entry("10.0.0.1", 65_536), "port is 65536"),
            ("*3\r\n:0\r\n:99\r\n" + entry("?", 7001), "host is unknown"),
            ("*3\r\n:0\r\n:99\r\n" + entry("a b", 7001), "no name and no address"),
            ("*3\r\n:0\r\n:16384\r\n" + entry("10.0.0.1", 7001), "0 to 16384"),
            (":1\r\n", "no list"),
        ])
    func omitted(range: String, reason: String) async throws {
        let answer = try await slots(
            "*2\r\n\(range)*3\r\n:100\r\n:16383\r\n\(Self.entry("10.0.0.2", 7002))")
        #expect(
            answer.table.ranges == [
                .init(slots: 100...16_383, master: .tcp(host: "10.0.0.2", port: 7002), replicas: [])
            ])
        #expect(answer.omissions.count == 1)
        #expect(answer.omissions.first?.contains(reason) == true, "\(answer.omissions)")
    }

    @Test("Ranges in another order are the same table")
    func order() async throws {
        let one = "*3\r\n:0\r\n:99\r\n" + Self.entry("10.0.0.1", 7001)
        let two = "*3\r\n:100\r\n:199\r\n" + Self.entry("10.0.0.2", 7002)
        #expect(try await table("*2\r\n\(one)\(two)") == table("*2\r\n\(two)\(one)"))
    }

    @Test("A table with more owners than slots, or with slots of two owners, is not an answer")
    func absurd() async throws {
        let many = (0..<66_000).map { "*3\r\n:0\r\n:0\r\n" + Self.entry("h\($0)", 7001) }.joined()
        #expect(try await table("*66000\r\n\(many)") == nil)
        let twice = (0..<2).map { "*3\r\n:0\r\n:16383\r\n" + Self.entry("h\($0)", 7001) }.joined()
        #expect(try await table("*2\r\n\(twice)") == nil)
    }

    @Test("Addresses are mapped, also where a server doesn't say its host")
    func mapped() async throws {
        var map = AddressMap()
        map.map(.tcp(host: "10.0.0.1", port: 7001), to: .tcp(host: "gate", port: 1))
        map.map(host: "seed.example", to: "other.example")
        let one = "*3\r\n:0\r\n:99\r\n" + Self.entry("10.0.0.1", 7001)
        let two = "*3\r\n:100\r\n:199\r\n" + Self.entry("", 7002)
        let answer = try await slots("*2\r\n\(one)\(two)", map: map)
        #expect(
            answer.table.ranges.map(\.master) == [
                .tcp(host: "gate", port: 1), .tcp(host: "other.example", port: 7002),
            ])
    }

    @Test("A cluster in which nobody owns a slot")
    func empty() async throws { #expect(try await table("*0\r\n")?.ranges.isEmpty == true) }

    @Test(
        "An answer of another kind is not a table",
        arguments: [
            "+OK\r\n", ":1\r\n", "$-1\r\n", "*1\r\n:1\r\n", "*1\r\n*0\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n",
            "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n",
            "*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n",
            "*1\r\n*3\r\n:2\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n",
            "*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\na\r\n",
            "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:0\r\n",
            "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:65536\r\n",
            "*1\r\n*3\r\n$1\r\n0\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n",
        ])
    func malformed(answer: String) async throws { #expect(try await table(answer) == nil) }
}

/// The reasons why servers of a cluster refuse commands.
@Suite struct RedirectionTests {
    @Test(
        "Each refusal has its meaning",
        arguments: [
            (
                "MOVED 3999 127.0.0.1:6381",
                .moved(slot: 3999, ClusterNodeAddress(host: "127.0.0.1", port: 6381))
            ),
            ("MOVED 0 ::1:6381", .moved(slot: 0, ClusterNodeAddress(host: "::1", port: 6381))),
            ("MOVED 16383 :6381", .moved(slot: 16_383, ClusterNodeAddress(host: nil, port: 6381))),
            ("MOVED 1 ?:6381", .moved(slot: 1, ClusterNodeAddress(host: "?", port: 6381))),
            (
                "ASK 3999 node.example:6381",
                .ask(slot: 3999, ClusterNodeAddress(host: "node.example", port: 6381))
            ),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .tryAgain),
            ("CLUSTERDOWN The cluster is down", .down),
            ("CLUSTERDOWN Hash slot not served", .down),
            ("MOVED", nil), ("MOVED 3999", nil), ("MOVED 3999 host", nil), ("MOVED 16384 a:1", nil),
            ("MOVED -1 a:1", nil), ("ASK x a:1", nil), ("MOVED 1 a:0", nil), ("MOVED 1 a:65536", nil),
            ("moved 1 a:1", nil), ("MOVEDX 1 a:1", nil), ("ERR MOVED 1 a:1", nil), ("", nil),
            ("CROSSSLOT Keys in request don't hash to the same slot", nil),
        ] as [(String, Redirection?)])
    func meanings(text: String, expected: Redirection?) {
        #expect(Redirection(ServerError(text)) == expected)
    }

    @Test("A server that is in no cluster for us says what to do")
    func advice() async throws {
        let peer = try ScriptedServer([.answerUntil("GET"), .send("-MOVED 1 127.0.0.1:1\r\n")])
        defer { peer.stop() }
        try await withPool([peer.dsn()]) { pool in
            let error = await #expect(throws: CachesError.self) { try await pool.nodes[0].send("GET", "a") }
            #expect(error?.code == .server("MOVED"))
            #expect(error?.advice?.contains("redis+cluster://") == true)
        }
    }
}

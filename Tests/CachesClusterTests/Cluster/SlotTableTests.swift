import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// What servers of a cluster tell about it.
@Suite struct SlotTableTests {
    private static let asked = Endpoint.tcp(host: "seed.example", port: 6379)

    /// What a peer answers when it is sent the given text.
    private func table(_ answer: String) async throws -> SlotTable? {
        let peer = try ScriptedServer([.answerUntil("CLUSTER"), .send(answer)])
        defer { peer.stop() }
        return try await withPool([peer.dsn()]) { pool in
            SlotTable(try await pool.nodes[0].send("CLUSTER", "SLOTS"), asked: Self.asked)
        }
    }

    @Test("slots, masters and replicas, as Redis 7 tells them")
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
        "a server that does not say its host is where it was asked",
        arguments: ["$-1\r\n", "$0\r\n\r\n", "$1\r\n?\r\n"])
    func unknownHost(host: String) async throws {
        let table = try await table("*1\r\n*3\r\n:0\r\n:1\r\n*3\r\n\(host):7001\r\n$1\r\na\r\n")
        #expect(table?.ranges.first?.master == .tcp(host: "seed.example", port: 7001))
    }

    @Test("a cluster in which nobody owns a slot")
    func empty() async throws { #expect(try await table("*0\r\n")?.ranges.isEmpty == true) }

    @Test(
        "what is no answer to the command",
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

/// Why servers of a cluster refuse commands.
@Suite struct RedirectionTests {
    @Test(
        "what a refusal means",
        arguments: [
            ("MOVED 3999 127.0.0.1:6381", .moved(slot: 3999, Announcement(host: "127.0.0.1", port: 6381))),
            ("MOVED 0 ::1:6381", .moved(slot: 0, Announcement(host: "::1", port: 6381))),
            ("MOVED 16383 :6381", .moved(slot: 16_383, Announcement(host: nil, port: 6381))),
            ("MOVED 1 ?:6381", .moved(slot: 1, Announcement(host: nil, port: 6381))),
            ("ASK 3999 node.example:6381", .ask(slot: 3999, Announcement(host: "node.example", port: 6381))),
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

    @Test("a server that is in no cluster for us says what to do")
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

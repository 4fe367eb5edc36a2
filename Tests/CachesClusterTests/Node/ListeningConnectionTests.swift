import CachesTesting
import CachesTransport
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// The second connection of a node, over which its server tells news.
@Suite struct ListeningConnectionTests {
    /// What came over a connection.
    private final class News: Sendable {
        let messages = Mutex<[[Reply]]>([])
        let losses = Mutex(0)

        func connection(of node: Node, mostMessages: Int = 1000) -> ListeningConnection {
            node.listeningConnection(
                mostMessages: mostMessages,
                heard: { [weak self] message in self?.messages.withLock { $0.append(Array(message)) } },
                lost: { [weak self] in self?.losses.withLock { $0 += 1 } })
        }

        var texts: [String?] { messages.withLock { $0.map { $0[2].text } } }
    }

    private func withNode(
        _ body: (_ server: LocalServer, CachePool, Node) async throws -> Void
    ) async throws {
        try await withLocalFleet(
            nodes: 1, options: LocalServer.Options(transport: .tls(), access: .password("secret"))
        ) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            try await body(fleet.servers[0], pool, pool.nodes[0])
            await pool.close()
        }
    }

    private func subscribe(_ listening: ListeningConnection, to channel: String) async throws {
        _ = try await listening.connection().pipeline(1, deadline: .after(.seconds(60))) {
            $0.words("SUBSCRIBE", channel)
        }
    }

    @Test("It is opened as the node's own, and told what is published, in order; calls go on over the other")
    func messages() async throws {
        try await withNode { server, pool, node in
            let news = News()
            let listening = news.connection(of: node)
            try await subscribe(listening, to: "news")
            for number in 1...100 { try await server.command("PUBLISH", "news", "\(number)") }
            try await eventually { news.texts.count == 100 }
            #expect(news.texts == (1...100).map { "\($0)" })
            #expect(try await node.send("PING").text == "PONG")
            #expect(node.counters.connections == 1)
            listening.close()
        }
    }

    @Test("A server that tracks keys tells which were written, before it answers a later question")
    func tracking() async throws {
        try await withNode { server, pool, node in
            let news = News()
            let listening = news.connection(of: node)
            let connection = try listening.connection()
            let deadline = Deadline.after(.seconds(60))
            let identifier = try await connection.pipeline(1, deadline: deadline) { $0.words("CLIENT", "ID") }
            let number = try #require(identifier[0].integer)
            let channel = "__redis__:invalidate"
            let replies = try await connection.pipeline(2, deadline: deadline) {
                $0.words("CLIENT", "TRACKING", "ON", "REDIRECT", "\(number)", "BCAST", "PREFIX", "near.")
                $0.words("SUBSCRIBE", channel)
            }
            try #require(replies[0].text == "OK")
            try await pool.set("near.a", "1")
            try await pool.set("far.a", "1")
            try await pool.set("near.b", "1")
            // An answer comes after the news of all writes that were answered before the question.
            for _ in 0..<2 { _ = try await connection.pipeline(1, deadline: deadline) { $0.words("PING") } }
            let keys = news.messages.withLock { $0.flatMap { $0[2].array.map(Array.init) ?? [] }.map(\.text) }
            #expect(keys == ["near.a", "near.b"])
            #expect(news.messages.withLock { $0.allSatisfy { $0[1].text == channel } })
            listening.close()
        }
    }

    @Test("Its end is told once, says nothing of the node, and the next request opens another")
    func lost() async throws {
        try await withNode { server, _, node in
            let news = News()
            let listening = news.connection(of: node)
            _ = try await node.send("PING")
            try await subscribe(listening, to: "news")
            try await server.command("CLIENT", "KILL", "TYPE", "pubsub")
            try await eventually { news.losses.withLock { $0 } == 1 }
            #expect(node.health == .healthy && node.counters.connections == 1)
            try await subscribe(listening, to: "news")
            try await server.command("PUBLISH", "news", "again")
            try await eventually { news.texts == ["again"] }
            listening.close()
            #expect(throws: CachesError.self) { try listening.connection() }
            try await eventually { try await server.subscribers(of: "news") == 0 }
            #expect(news.losses.withLock { $0 } == 1)
        }
    }

    @Test("A server that publishes without end is left until the next request, and that is no news")
    func flood() async throws {
        try await withNode { server, _, node in
            let news = News()
            let listening = news.connection(of: node, mostMessages: 10)
            try await subscribe(listening, to: "news")
            for number in 1...20 { try await server.command("PUBLISH", "news", "\(number)") }
            try await eventually { try await server.subscribers(of: "news") == 0 }
            #expect(news.texts.count == 10 && news.losses.withLock { $0 } == 0)
            try await subscribe(listening, to: "news")
            try await server.command("PUBLISH", "news", "again")
            try await eventually { news.texts.last == "again" }
            listening.close()
        }
    }

    @Test("It does not keep its node, and ends with it")
    func node() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let news = News()
            let listening: ListeningConnection
            do {
                let pool = try CachePool(patiently: fleet.dsns)
                listening = news.connection(of: try pool.nodes[0])
                await pool.close()
            }
            let error = #expect(throws: CachesError.self) { try listening.connection() }
            #expect(error?.code == .closed)
        }
    }
}

extension LocalServer {
    /// How many connections subscribe to a channel.
    fileprivate func subscribers(of channel: String) async throws -> Int64? {
        try await command("PUBSUB", "NUMSUB", channel).elements.last?.integer
    }
}

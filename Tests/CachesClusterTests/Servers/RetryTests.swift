import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Commands that were under way when their connection was lost.
@Suite struct RetryTests {
    @Test("An idempotent command is sent again, and its caller notices nothing", arguments: everyTransport)
    func idempotent(transport: LocalServer.Transport) async throws {
        try await withAgedNode(transport) { node, server in
            let waiting = Task { try await node.takeFromList(idempotent: true) }
            try await server.isAsked("blpop")
            let before = try await server.clients().map { $0["id"] }
            try await server.command("CLIENT", "KILL", "TYPE", "normal")
            try await server.isAsked("blpop")
            #expect(try await server.clients().map { $0["id"] } != before)
            try await server.command("RPUSH", "list", "value")
            #expect(try await waiting.value == "value")
        }
    }

    @Test("An idempotent pipeline is sent again as a whole")
    func pipeline() async throws {
        try await withAgedNode(.tcp) { node, server in
            let waiting = Task {
                try await node.pipeline(2, idempotent: true, deadline: .after(.seconds(60))) { command in
                    command.begin(3)
                    for word in ["SET", "key", "value"] { command.argument(word) }
                    command.begin(3)
                    for word in ["BLPOP", "list", "0"] { command.argument(word) }
                }
            }
            try await server.isAsked("blpop")
            try await server.command("DEL", "key")
            try await server.command("CLIENT", "KILL", "TYPE", "normal")
            try await server.isAsked("blpop")
            #expect(try await server.command("EXISTS", "key") == .integer(1))
            try await server.command("RPUSH", "list", "value")
            let replies = try await waiting.value
            #expect(replies.first == .status("OK"))
            #expect(replies.last?.array?.dropFirst().first?.text == "value")
        }
    }

    @Test("It is sent again once only")
    func once() async throws {
        try await withAgedNode(.tcp) { node, server in
            let waiting = Task { try await node.takeFromList(idempotent: true) }
            for _ in 1...2 {
                try await server.isAsked("blpop")
                try await server.command("CLIENT", "KILL", "TYPE", "normal")
            }
            let error = await #expect(throws: CachesError.self) { try await waiting.value }
            #expect(error?.code == .connectionLost)
            #expect(error?.node == node.name)
        }
    }

    @Test("A command that is not idempotent is sent once", arguments: everyTransport)
    func notIdempotent(transport: LocalServer.Transport) async throws {
        try await withAgedNode(transport) { node, server in
            let waiting = Task { try await node.takeFromList(idempotent: false) }
            try await server.isAsked("blpop")
            try await server.command("CLIENT", "KILL", "TYPE", "normal")
            let error = await #expect(throws: CachesError.self) { try await waiting.value }
            #expect(error?.code == .connectionLost)
            #expect(error?.node == node.name)
            #expect(error?.message.contains(node.configuration.connection.endpoint.description) == true)
            try await eventually { (try? await node.send("PING")) != nil }
            #expect(try await server.clients().allSatisfy { $0["cmd"] == "ping" })
        }
    }

    @Test("All whose connection the server closed are told so", arguments: everyTransport)
    func told(transport: LocalServer.Transport) async throws {
        try await withAgedNode(transport) { node, server in
            let waiting = (1...3).map { _ in Task { try await node.takeFromList(idempotent: false) } }
            try await server.isAsked("blpop")
            try await server.command("CLIENT", "KILL", "TYPE", "normal")
            for task in waiting {
                let error = await #expect(throws: CachesError.self) { try await task.value }
                #expect(error?.code == .connectionLost)
                #expect(error?.message.contains("the server closed it") == true)
            }
        }
    }

    @Test(
        "A command under way on a server that is killed fails at once, idempotent or not",
        arguments: [true, false])
    func killed(idempotent: Bool) async throws {
        try await withAgedNode(.tcp) { node, server in
            let waiting = Task { try await node.takeFromList(idempotent: idempotent) }
            try await server.isAsked("blpop")
            server.kill()
            let error = await #expect(throws: CachesError.self) { try await waiting.value }
            // A second attempt finds that no server listens any more, or a listener that is about to end.
            let codes: [CachesError.Code] = idempotent ? [.unreachable, .connectionLost] : [.connectionLost]
            #expect(codes.contains { $0 == error?.code })
            #expect(error?.node == node.name)
            try await server.restart()
            try await eventually { node.state.description == "up" }
            #expect(try await node.send("LLEN", "list") == .integer(0))
        }
    }

    /// A node whose connection has lasted: its loss is not a failure of the server.
    private func withAgedNode(
        _ transport: LocalServer.Transport, _ body: (Node, LocalServer) async throws -> Void
    ) async throws {
        try await withLocalFleet([LocalServer.Options(transport: transport)]) { fleet in
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                _ = try await node.sendBlocking("BLPOP", "none", "1.1", deadline: .after(.seconds(20)))
                // The server's list of clients shows each client's last command, which must not be taken for
                // the next BLPOP.
                _ = try await node.send("PING")
                try await body(node, fleet.servers[0])
            }
        }
    }
}

extension Node {
    /// Takes the first element of `list`, and waits until there is one.
    fileprivate func takeFromList(idempotent: Bool) async throws -> String? {
        let reply = try await send(idempotent: idempotent, deadline: .after(.seconds(60))) { command in
            command.begin(3)
            for word in ["BLPOP", "list", "0"] { command.argument(word) }
        }
        return reply.array?.dropFirst().first?.text
    }
}

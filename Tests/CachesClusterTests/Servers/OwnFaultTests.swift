import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// Calls that end the connection that all calls share, by their own fault.
@Suite struct OwnFaultTests {
    /// How many such calls are made.
    private static let calls = 12

    /// A pool that is patient only with a busy machine.
    private func withNode(
        _ configuration: NodeConfiguration, _ body: (Node) async throws -> Void
    ) async throws {
        var patient = configuration
        patient.connection.connectTimeout = .seconds(60)
        patient.connection.stallTimeout = .seconds(60)
        var configuration = PoolConfiguration(nodes: [patient])
        configuration.deadline = .seconds(60)
        configuration.health.pingTimeout = .seconds(60)
        try await withPool(exactly: configuration) { try await body(try $0.nodes[0]) }
    }

    /// Makes calls that are refused, together with others that have to be answered, as many as there is time
    /// for.
    /// - Returns: The errors of the refused ones.
    private func refused(
        on node: Node, _ call: @escaping @Sendable () async throws -> Void
    ) async throws -> [CachesError] {
        let innocent = Task {
            var answered = 0
            while !Task.isCancelled {
                let reply = try await node.send(idempotent: true, deadline: .after(.seconds(60))) {
                    $0.words("GET", "key")
                }
                if reply.text == "value" { answered += 1 }
            }
            return answered
        }
        let errors = await withTaskGroup(of: CachesError?.self) { group in
            for _ in 0..<Self.calls {
                group.addTask {
                    do {
                        try await call()
                        return nil
                    } catch { return error as? CachesError }
                }
            }
            return await group.reduce(into: []) { errors, error in error.map { errors.append($0) } }
        }
        innocent.cancel()
        if case .failure(let error) = await innocent.result {
            #expect(error is CancellationError, "\(error)")
        }
        return errors
    }

    @Test(
        "Values longer than the server takes are errors of their calls alone", arguments: [2 << 20, 20 << 20])
    func tooLongForServer(size: Int) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1048576")
            try await server.command("SET", "key", "value")
            // All waiting calls at once.
            try await withNode(server.node { $0.connection.maximumBytesInFlight = 1 << 30 }) { node in
                _ = try await node.send("PING")
                let value = [UInt8](repeating: 0x78, count: size)
                let errors = try await refused(on: node) { _ = try await node.set(value) }
                #expect(errors.count == Self.calls)
                #expect(node.counters.ejections == 0)
                for error in errors {
                    // The server's error may be lost with the connection; then the lost connection is the
                    // error.
                    #expect(error.code == .server("ERR") || error.code == .connectionLost, "\(error)")
                    if error.code == .server("ERR") {
                        #expect(error.advice?.contains("proto-max-bulk-len") == true)
                    }
                }
                #expect(errors.contains { $0.code == .server("ERR") })
                // None was sent again by itself.
                #expect(try await server.errorAnswers() <= Self.calls)
                // The server may be closing the last connection.
                let reply = try await node.send(idempotent: true, deadline: .after(.seconds(60))) {
                    $0.words("GET", "key")
                }
                #expect(reply.text == "value")
            }
        }
    }

    @Test("One of several commands of a call that is too long for the server is that call's error")
    func pipeline() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1048576")
            try await withNode(server.node()) { node in
                _ = try await node.send("PING")
                let value = [UInt8](repeating: 0x78, count: 2 << 20)
                let error = await #expect(throws: CachesError.self) {
                    try await node.pipeline(3, idempotent: true, deadline: .after(.seconds(60))) { command in
                        command.words("SET", "key", "value")
                        command.begin(3)
                        command.argument("SET")
                        command.argument("large")
                        command.argument(value)
                        command.words("SET", "key", "other")
                    }
                }
                #expect(error?.code == .server("ERR") || error?.code == .connectionLost)
                #expect(try await server.errorAnswers() == 1)
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("Replies larger than the client takes are errors of their calls alone")
    func tooLargeForClient() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            try await server.command("SET", "large", String(repeating: "x", count: 20_000))
            try await server.command("SET", "key", "value")
            try await withNode(server.node { $0.connection.maximumReplyBytes = 10_000 }) { node in
                _ = try await node.send("PING")
                let errors = try await refused(on: node) { _ = try await node.send("GET", "large") }
                // Others of them waited on the same connection, and lost it.
                #expect(errors.count == Self.calls)
                #expect(errors.allSatisfy { $0.code == .tooLarge || $0.code == .connectionLost })
                #expect(errors.contains { $0.code == .tooLarge })
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("A reply that can't be read is an error of its call, and not of the server")
    func unreadable() async throws {
        let peer = try ScriptedServer(.nested(50, to: "GET"))
        defer { peer.stop() }
        try await withNode(NodeConfiguration(dsn: peer.dsn())) { node in
            for _ in 0..<Self.calls {
                let error = await #expect(throws: CachesError.self) { try await node.send("GET", "key") }
                #expect(error?.code == .protocolViolation)
            }
            #expect(node.health == .healthy)
            #expect(node.counters.ejections == 0)
            // A repeated call would have had its own connection; one may be opened for a sign of life.
            #expect((Self.calls...Self.calls + 1).contains(peer.acceptedConnections))
        }
    }

    @Test("A server that hangs up rather than send a reply is not put out for that")
    func tooLargeForServer() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            try await server.command("SET", "large", String(repeating: "x", count: 5_000_000))
            try await server.command("SET", "key", "value")
            try await server.command("CONFIG", "SET", "client-output-buffer-limit", "normal 1048576 0 0")
            try await withNode(server.node()) { node in
                for _ in 0..<Self.calls {
                    let reply = try await node.send("GET", "key")
                    #expect(reply.text == "value")
                    let error = await #expect(throws: CachesError.self) {
                        try await node.send(idempotent: true, deadline: .after(.seconds(60))) {
                            $0.words("GET", "large")
                        }
                    }
                    #expect(error?.code == .connectionLost)
                }
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("A server that accepts all connections and hangs up is found out", arguments: [true, false])
    func hangsUp(isIdempotent: Bool) async throws {
        let peer = try ScriptedServer(.closes(on: "GET"))
        defer { peer.stop() }
        try await withNode(NodeConfiguration(dsn: peer.dsn())) { node in
            let error = await #expect(throws: CachesError.self) {
                try await node.send(idempotent: isIdempotent, deadline: .after(.seconds(60))) {
                    $0.words("GET", "key")
                }
            }
            #expect(error != nil)
            #expect(node.counters.ejections == 1)
        }
    }
}

extension LocalServer {
    /// How many commands it has answered by an error of the kind `ERR`.
    fileprivate func errorAnswers() async throws -> Int {
        let text = try await command("INFO", "errorstats").text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("errorstat_ERR:") }
        return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst()) } ?? 0
    }
}

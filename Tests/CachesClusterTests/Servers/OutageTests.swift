import CachesTesting
import CachesTransport
import Logging
import TestSupport
import Testing

@testable import CachesCluster

/// Servers that die, hang and return, and the results of their pool's callers.
@Suite struct OutageTests {
    @Test(
        "A killed server's calls fail at once, the others notice nothing, and it is used again by itself",
        arguments: everyTransport, [true, false])
    func killed(transport: LocalServer.Transport, hasBeenUpForLong: Bool) async throws {
        let isTLS = if case .tls = transport { true } else { false }
        let options = ["a", "b", "c"].map { LocalServer.Options(name: $0, transport: transport) }
        let log = LogRecorder()
        try await withLocalFleet(options) { fleet in
            try await withPool(fleet.dsns, logger: log.logger) { pool in
                let (nodes, server) = (try pool.nodes, fleet.servers[1])
                for node in nodes { _ = try await node.send("PING", deadline: .after(.seconds(20))) }
                if hasBeenUpForLong {
                    _ = try await nodes[1].sendBlocking(
                        "BLPOP", "none", "1.1", deadline: .after(.seconds(20)))
                }
                let others = [try await nodes[0].connectionNumber(), try await nodes[2].connectionNumber()]

                // Twice: a second outage is reported as the first was.
                for outage in 1...2 {
                    server.kill()
                    try await eventually { nodes[1].state.description == "down" }
                    let (errors, elapsed) = await onLoop {
                        let start = ContinuousClock.now
                        var errors: [CachesError] = []
                        for _ in 0..<100 {
                            let error = await #expect(throws: CachesError.self) {
                                try await nodes[1].send("PING", deadline: .after(.seconds(20)))
                            }
                            if let error { errors.append(error) }
                        }
                        return (errors, ContinuousClock.now - start)
                    }
                    #expect(elapsed < .seconds(15))
                    let address = nodes[1].configuration.connection.endpoint.description
                    // The connection that is opened as soon as the old one is lost can still reach a server
                    // that is about to end, and be cut at any stage: with TLS, in its handshake.
                    let codes: [CachesError.Code] = [.unreachable, .connectionLost] + (isTLS ? [.tls] : [])
                    for error in errors {
                        #expect(codes.contains(error.code))
                        #expect(error.node == "b")
                        #expect(error.message.contains(address))
                        #expect(error.advice != nil)
                    }
                    for node in [nodes[0], nodes[2]] {
                        #expect(
                            try await node.send("PING", deadline: .after(.seconds(20))) == .status("PONG"))
                    }

                    try await server.restart()
                    // Without a call, and within the cap of the back-off.
                    try await eventually { nodes[1].state.description == "up" }
                    #expect(
                        try await nodes[1].send("PING", deadline: .after(.seconds(20))) == .status("PONG"))
                    try await eventually { log.lines.count >= 2 * outage }
                }
                #expect(
                    [try await nodes[0].connectionNumber(), try await nodes[2].connectionNumber()] == others)

                #expect(log.lines.map(\.level) == [.warning, .notice, .warning, .notice])
                #expect(log.lines.map(\.node) == ["b", "b", "b", "b"])
                let address = nodes[1].configuration.connection.endpoint.description
                #expect(log.lines.allSatisfy { $0.address == address })
                #expect(log.lines.map { $0.error == nil } == [false, true, false, true])
            }
        }
    }

    @Test("Each call that waits for a server that is killed ends with an error", arguments: everyTransport)
    func waiting(transport: LocalServer.Transport) async throws {
        let options = [LocalServer.Options(name: "a", transport: transport), LocalServer.Options(name: "b")]
        try await withLocalFleet(options) { fleet in
            try await withPool(fleet.dsns) { pool in
                let (nodes, server) = (try pool.nodes, fleet.servers[0])
                let waiting = (0..<50).map { _ in
                    Task {
                        try await nodes[0].sendBlocking("BLPOP", "none", "0", deadline: .after(.seconds(60)))
                    }
                }
                let neighbour = Task {
                    try await nodes[1].sendBlocking("BLPOP", "list", "0", deadline: .after(.seconds(60)))
                }
                try await server.isAsked("blpop")
                try await fleet.servers[1].isAsked("blpop")
                server.kill()
                for task in waiting {
                    let error = await #expect(throws: CachesError.self) { try await task.value }
                    // Calls that had not been sent when the connection ended find no connection.
                    #expect([.connectionLost, .unreachable].contains(error?.code))
                    #expect(error?.node == "a")
                }
                try await fleet.servers[1].command("LPUSH", "list", "value")
                #expect(try await neighbour.value.array?.dropFirst().first?.text == "value")
            }
        }
    }

    @Test("A server that hangs delays nobody else", arguments: [true, false])
    func paused(isConnected: Bool) async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            try await withPool(fleet.dsns) { pool in
                let nodes = try pool.nodes
                for node in nodes[1...] { _ = try await node.send("PING") }
                if isConnected { _ = try await nodes[0].send("PING") }
                fleet.servers[0].pause()
                let delayed = (0..<20).map { number in
                    Task { try await nodes[0].send("ECHO", "\(number)", deadline: .after(.seconds(60))).text }
                }
                let slowest = try await onLoop {
                    var slowest = Duration.zero
                    for number in 0..<500 {
                        let start = ContinuousClock.now
                        _ = try await nodes[1 + number % 2].send("PING")
                        slowest = max(slowest, ContinuousClock.now - start)
                    }
                    return slowest
                }
                #expect(slowest < .seconds(15))
                let (error, elapsed) = await onLoop {
                    let start = ContinuousClock.now
                    let error = await #expect(throws: CachesError.self) {
                        try await nodes[0].send("PING", deadline: .after(.milliseconds(100)))
                    }
                    return (error, ContinuousClock.now - start)
                }
                #expect(error?.code == .timeout)
                #expect(error?.node == "redis1")
                #expect(error?.advice != nil)
                #expect(elapsed < .seconds(15))

                fleet.servers[0].resume()
                // The calls before the late one have ended, and none of them with its reply.
                for (number, task) in delayed.enumerated() {
                    #expect(try await task.value == "\(number)")
                }
            }
        }
    }

    @Test("A node that is down when the pool is made is used when it comes")
    func comesLater() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            server.kill()
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                #expect(error?.code == .unreachable)
                try await server.restart()
                try await eventually { node.state.description == "up" }
                #expect(try await node.send("PING") == .status("PONG"))
            }
        }
    }
}

extension Node {
    /// The number that the server has given the node's connection.
    func connectionNumber() async throws -> Int64? { try await send("CLIENT", "ID").integer }
}

import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Peers that do not exist, say nothing, break off, or don't speak RESP.
@Suite struct PeerFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: ScriptedServer.Script
        let code: CachesError.Code
        let says: [String]

        init(
            _ description: String, _ script: ScriptedServer.Script, _ code: CachesError.Code,
            _ says: String...
        ) {
            testDescription = description
            (self.script, self.code, self.says) = (script, code, says)
        }
    }

    static let toCommands = [
        Case(
            "closes in mid-reply", .closesInMidReply(to: "GET"), .connectionLost, "in the middle of a reply"),
        Case("closes", .closes(on: "GET"), .connectionLost, "the server closed it"),
        Case("resets", .resets(on: "GET"), .connectionLost, "was lost"),
        Case("HTTP", .garbage(to: "GET"), .protocolViolation, "does not speak RESP", "HTTP server"),
        Case(
            "nested too deep", .nested(50, to: "GET"), .protocolViolation, "nested too deep", "Ask for less"),
        Case("says nothing any more", [.answerUntil("GET")], .timeout, "No reply came from"),
        Case(
            "announces more than is accepted", [.answerUntil("GET"), .send("$999999999999\r\n")],
            .tooLarge, "max-reply-bytes"),
    ]

    @Test("A peer that fails a command fails it alone, and the next call works", arguments: toCommands)
    func command(_ fault: Case) async throws {
        let peer = try ScriptedServer(fault.script)
        try await withLocalFleet(nodes: 1) { fleet in
            let deadline: Duration = fault.code == .timeout ? .milliseconds(300) : .seconds(10)
            try await withFault(
                of: peer.node(), beside: fleet.servers[0], deadline: deadline, ["GET", "key"]
            ) { error, node in
                #expect(error.code == fault.code, "\(error)")
                for text in fault.says { #expect("\(error)".contains(text), "\(error)") }
                if fault.code != .timeout { try await node.recovers() }
            }
        }
        peer.stop()
    }

    static let toGreetings = [
        Case("closes in mid-reply", .closesInMidReply(), .connectionLost, "the server closed it"),
        Case("closes", .closes(), .connectionLost, "the server closed it", "rediss://"),
        Case("resets", .resets(), .connectionLost, "first commands"),
        Case("HTTP", .garbage(), .protocolViolation, "does not speak RESP", "HTTP server"),
        Case("nested too deep", .nested(50), .protocolViolation, "nested too deep"),
        Case("never answers", .neverAnswers, .timeout, "it was at: the server's answer", "hangs"),
    ]

    @Test("A peer that fails at the greeting has its own error", arguments: toGreetings)
    func greeting(_ fault: Case) async throws {
        let peer = try ScriptedServer(fault.script)
        try await withLocalFleet(nodes: 1) { fleet in
            let deadline: Duration = fault.code == .timeout ? .milliseconds(300) : .seconds(10)
            try await withFault(of: peer.node(), beside: fleet.servers[0], deadline: deadline) { error, _ in
                #expect(error.code == fault.code, "\(error)")
                for text in fault.says { #expect("\(error)".contains(text), "\(error)") }
            }
        }
        peer.stop()
    }

    @Test("64 KiB of noise end in an error, whatever they are", arguments: 1...40 as ClosedRange<UInt64>)
    func noise(seed: UInt64) async throws {
        let peer = try ScriptedServer(.noise(seed: seed, to: "GET"))
        try await withPool(PoolConfiguration(nodes: [peer.node()])) { pool in
            let node = try pool.nodes[0]
            let error = await #expect(throws: CachesError.self) {
                try await node.send("GET", "key", deadline: .after(.seconds(5)))
            }
            // The noise may begin with a `$` and digits: then it is a string without an end.
            #expect(
                [.protocolViolation, .tooLarge, .timeout].contains(error?.code),
                "\(String(describing: error))")
            #expect(error?.node == "scripted")
            #expect(error?.advice != nil)
            expectNoSecret(in: error)
        }
        peer.stop()
    }

    @Test("A reply that nobody asked for ends the connection, and reaches nobody")
    func unasked() async throws {
        let peer = try ScriptedServer([.answerUntil("GET"), .send("$5\r\nvalue\r\n$6\r\nothers\r\n")])
        try await withPool(PoolConfiguration(nodes: [peer.node()])) { pool in
            let node = try pool.nodes[0]
            #expect(try await node.send("GET", "key").text == "value")
            try await eventually { peer.acceptedConnections == 2 }
            try await eventually { (try? await node.send("PING")) == .status("OK") }
        }
        peer.stop()
    }

    @Test("Calls whose replies came before one that can't be read get them")
    func repliesBeforeMisread() async throws {
        let peer = try ScriptedServer([
            .answerUntil("GET"), .receiveCommand, .send("$5\r\nfirst\r\n$999999999999\r\n"),
        ])
        try await withPool(PoolConfiguration(nodes: [peer.node()])) { pool in
            let node = try pool.nodes[0]
            let calls = (1...2).map { _ in Task { try await node.send("GET", "key") } }
            let results = await [calls[0].result, calls[1].result]
            #expect(results.compactMap { (try? $0.get())?.text } == ["first"])
            let codes = results.compactMap { result in
                if case .failure(let error as CachesError) = result { error.code } else { nil }
            }
            #expect(codes == [.tooLarge])
        }
        peer.stop()
    }

    @Test("An error does not quote the words of a command that the server doesn't know")
    func unknownCommand() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes[0]
                let error = await #expect(throws: CachesError.self) {
                    try await node.send("NOSUCH", "key", secret)
                }
                #expect(error?.code == .server("ERR"))
                #expect(error?.message.contains("unknown command 'NOSUCH'") == true)
                expectNoSecret(in: error)
            }
        }
    }

    @Test("A reply above max-reply-bytes is refused, with advice to raise it")
    func reply() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let node = try fleet.servers[0].node { $0.connection.maximumReplyBytes = 10_000 }
            try await fleet.servers[0].command("SET", "key", String(repeating: "x", count: 20_000))
            try await withFault(of: node, beside: fleet.servers[1], ["GET", "key"]) { error, node in
                #expect(error.code == .tooLarge)
                #expect(error.advice?.contains("max-reply-bytes") == true)
                try await node.recovers()
            }
        }
    }

    @Test(
        "A TCP connection that is never answered ends at the call's deadline, and the error says where it was"
    )
    func blackHole() async throws {
        let hole = try BlackHole()
        try await withLocalFleet(nodes: 1) { fleet in
            let dsn = hole.dsn().replacing("://", with: "://:\(secret)@")
            try await withFault(
                of: NodeConfiguration(dsn: dsn), beside: fleet.servers[0], deadline: .milliseconds(300)
            ) { error, node in
                #expect(error.code == .timeout)
                #expect(error.message.contains("it was at: the TCP connection"))
                #expect(error.message.contains("127.0.0.1:\(hole.port)"))
                #expect(error.advice?.contains("firewall") == true)
                #expect(node.state.description == "connecting")
            }
        }
    }

    @Test("A TCP connection that is never answered is given up after connect-timeout, and then fails at once")
    func connectTimeout() async throws {
        let hole = try BlackHole()
        try await withLocalFleet(nodes: 1) { fleet in
            let dsn = hole.dsn().replacing("#", with: "?connect-timeout=200ms#")
            try await withFault(of: NodeConfiguration(dsn: dsn), beside: fleet.servers[0]) { error, node in
                // Nothing was sent: another node may serve the key, if one stands in.
                #expect(error.code == .unreachable)
                #expect(error.message.contains("it was at: the TCP connection"))
                #expect(node.state.description == "down")
                let elapsed = await onLoop {
                    let start = ContinuousClock.now
                    await #expect(throws: CachesError.self) { try await node.send("PING") }
                    return ContinuousClock.now - start
                }
                #expect(elapsed < .seconds(15))
            }
        }
    }

    @Test("A call that is cancelled while its node connects ends soon")
    func cancelled() async throws {
        let hole = try BlackHole()
        try await withPool([hole.dsn()]) { pool in
            let node = try pool.nodes[0]
            let call = Task(executorPreference: EventLoops.forTasks) {
                try await node.send("PING", deadline: .after(.seconds(60)))
            }
            try await eventually { node.state.description == "connecting" }
            let elapsed = await onLoop {
                let start = ContinuousClock.now
                call.cancel()
                await #expect(throws: CancellationError.self) { try await call.value }
                return ContinuousClock.now - start
            }
            #expect(elapsed < .seconds(15))
        }
    }

    @Test("A port where nobody listens")
    func refused() async throws {
        let servers = [LocalServer.Options(name: "bad", access: .password(secret)), .init(name: "good")]
        try await withLocalFleet(servers) { fleet in
            fleet.servers[0].kill()
            try await withFault(of: fleet.servers[0].node(), beside: fleet.servers[1]) { error, node in
                #expect(error.code == .unreachable)
                #expect(error.message.contains("127.0.0.1:\(fleet.servers[0].port ?? 0): Connection refused"))
                #expect(error.advice?.contains("Check that the server runs") == true)
                try await fleet.servers[0].restart()
                try await node.recovers()
            }
        }
    }

    @Test("A unix socket that does not exist")
    func noSocket() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let node = try NodeConfiguration(dsn: "redis+unix://:\(secret)@/none/redis.sock")
            try await withFault(of: node, beside: fleet.servers[0]) { error, _ in
                #expect(error.code == .unreachable)
                #expect(error.message.contains("unix:/none/redis.sock: No such file"))
            }
        }
    }

    @Test("A host name that doesn't resolve", arguments: ["redis", "rediss"])
    func unknownHost(scheme: String) async throws {
        // No name server is asked: a label has at most 63 bytes (RFC 1035).
        let host = String(repeating: "x", count: 64) + ".invalid"
        try await withLocalFleet(nodes: 1) { fleet in
            let node = try NodeConfiguration(dsn: "\(scheme)://:\(secret)@\(host)#bad")
            try await withFault(of: node, beside: fleet.servers[0]) { error, _ in
                #expect(error.code == .unreachable)
                #expect(error.message.contains("The host name \(host) could not be resolved"))
                #expect(error.advice?.contains("host in the DSN") == true)
            }
        }
    }
}

extension ScriptedServer {
    /// The server as a node with a password.
    func node() throws -> NodeConfiguration {
        try NodeConfiguration(dsn: dsn().replacing("://", with: "://:\(secret)@"))
    }
}

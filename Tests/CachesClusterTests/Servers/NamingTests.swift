import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// A connection's name is a courtesy: no server is out of use because it can't be given.
@Suite("A connection's name is never a reason to fail")
struct NamingTests {
    @Test(
        "A peer that refuses it in any words is used",
        arguments: [
            "-ERR unsupported command 'CLIENT'", "-unsupported command", "-ERR not allowed", "-ERR forbidden",
            "-PROXY no such thing here", "-NOPERM this user has no permissions",
        ])
    func refused(answer: String) async throws {
        // Like Envoy, which answers each command by itself, and keeps the connection.
        let server = try ScriptedServer([
            .receiveCommand, .send(answer + "\r\n"), .receiveCommand, .send("+PONG\r\n"), .receiveCommand,
            .send("$5\r\nvalue\r\n"),
        ])
        try await withPool([server.dsn()]) { pool in
            let reply = try await pool.nodes[0].send("GET", "key")
            #expect(reply.text == "value")
        }
        #expect(server.acceptedConnections == 1)
        server.stop()
    }

    @Test("A peer that hangs up on it is connected to again without it, and that is remembered")
    func hangsUp() async throws {
        let proxy = try ScriptedServer([.hangUpOn("CLIENT")])
        for _ in 1...2 {
            try await withPool([proxy.dsn()]) { pool in
                let reply = try await pool.nodes[0].send("PING")
                #expect(reply == .status("PONG"))
            }
        }
        #expect(proxy.acceptedConnections == 3)
        proxy.stop()
    }

    @Test("A peer that hangs up in any case is out, and the error says what the reason may be")
    func hangsUpAlways() async throws {
        let server = try ScriptedServer(.closes())
        try await withPool([server.dsn()]) { pool in
            let error = await #expect(throws: CachesError.self) { try await pool.nodes[0].send("PING") }
            #expect(error?.code == .connectionLost)
            #expect(error?.advice?.contains("rediss://") == true, "\(error?.description ?? "")")
            #expect(error?.advice?.contains("PING") == true, "\(error?.description ?? "")")
        }
        server.stop()
    }

    @Test("`client-name=none` leaves it out")
    func none() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let dsn = fleet.dsns[0].replacing("#", with: "?client-name=none#")
            let configuration = try NodeConfiguration(dsn: dsn)
            #expect(configuration.connection.clientName.isEmpty)
            #expect(configuration.redactedDSN.contains("client-name=none"))
            try await withPool([dsn]) { pool in
                let info = try await pool.nodes[0].send("CLIENT", "INFO").text
                #expect(info?.contains(" name= ") == true, "\(info ?? "")")
            }
        }
    }

    @Test(
        "A real twemproxy, which hangs up on it, is used",
        .enabled(if: Nutcracker.program != nil, "there is no nutcracker"))
    func twemproxy() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let proxy = try await Nutcracker.start(
                before: fleet, servers: ["127.0.0.1:\(fleet.servers[0].port!):1"])
            for options in ["", "?client-name=none"] {
                try await withPool(["unix://\(proxy.socketPath)\(options)"]) { pool in
                    let node = try pool.nodes[0]
                    _ = try await node.send("SET", "key", "value")
                    #expect(try await node.send("GET", "key").text == "value")
                    #expect(node.health == .healthy)
                }
            }
        }
    }
}

import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// Pools on real servers: the server that is asked, and the time of a connection.
@Suite struct RoutingTests {
    private static let servers = [
        LocalServer.Options(name: "main"), LocalServer.Options(name: "sessions/a", transport: .unix),
        LocalServer.Options(name: "sessions/b", transport: .tls()),
    ]

    @Test("A pool connects to a node at the first call to it, and not before")
    func lazy() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                _ = try pool.node(for: "key")
                for server in fleet.servers { #expect(try await server.clients().isEmpty) }

                let nodes = try pool.nodes
                for (index, node) in nodes.enumerated() {
                    #expect(node.state.description == "idle")
                    #expect(try await node.send("PING") == .status("PONG"))
                    #expect(node.state.description == "up")
                    for (other, server) in fleet.servers.enumerated() {
                        let clients = try await server.clients()
                        #expect(clients.count == (other <= index ? 1 : 0), "\(server.name)")
                    }
                }
            }
        }
    }

    @Test("Many tasks share the one connection of a node")
    func shared() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await withThrowingDiscardingTaskGroup { group in
                    for number in 0..<300 {
                        group.addTask {
                            let node = try pool.node(for: "\(number)")
                            #expect(try await node.send("ECHO", "\(number)").text == "\(number)")
                        }
                    }
                }
                for server in fleet.servers {
                    let clients = try await server.clients()
                    #expect(clients.count == 1)
                }
            }
        }
    }

    @Test(
        "Each key is on the server that the pool names, and on no other",
        arguments: [.sharded, "sessions", "sessions/a", "main"] as [ConnectionName])
    func placement(connection: ConnectionName) async throws {
        try await withLocalFleet(Self.servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                let keys = (0..<60).map { "user.\($0)" }
                for key in keys {
                    _ = try await pool.node(for: key, connection: connection).send("SET", key, "value")
                }

                var used = Set<String>()
                for key in keys {
                    var holders: [String] = []
                    for server in fleet.servers where try await server.command("EXISTS", key) == .integer(1) {
                        holders.append(server.name)
                    }
                    #expect(try holders == [pool.node(for: key, connection: connection).name])
                    used.formUnion(holders)
                }
                #expect(try used == Set(pool.nodes(connection: connection).map(\.name)))
            }
        }
    }

    @Test("A pipeline to a node is answered in order, its errors in their places")
    func pipeline() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                for node in try pool.nodes {
                    let replies = try await node.pipeline(3, deadline: .after(.seconds(10))) { command in
                        for word in ["PING", "NOSUCHCOMMAND", "DBSIZE"] {
                            command.begin(1)
                            command.argument(word)
                        }
                    }
                    #expect(replies[0] == .status("PONG"))
                    guard case .error(let error) = replies[1] else { return #expect(Bool(false), "no error") }
                    #expect(error.name == "ERR")
                    #expect(replies[2] == .integer(0))
                }
            }
        }
    }

    @Test("A server's error is thrown with the node's name, and the connection stays")
    func serverError() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                let node = try pool.nodes(connection: "sessions/b")[0]
                _ = try await node.send("LPUSH", "list", "a")
                let error = await #expect(throws: CachesError.self) { try await node.send("GET", "list") }
                #expect(error?.code.serverName == "WRONGTYPE")
                #expect(error?.node == "sessions/b")
                #expect(node.state.description == "up")
                #expect(try await node.send("PING") == .status("PONG"))
            }
        }
    }

    @Test("Calls give the same results on the loop as elsewhere")
    func executor() async throws {
        try await withLocalFleet(Self.servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                let texts = try await pool.withExecutor {
                    var texts: [String?] = []
                    for node in try pool.nodes {
                        texts.append(try await node.send("ECHO", node.name).text)
                        #expect(EventLoops.forTasks.isCurrent)
                    }
                    return texts
                }
                #expect(texts == ["main", "sessions/a", "sessions/b"])
            }
        }
    }
}

import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Servers of a real cluster that redirect calls without end.
@Suite struct ClusterRedirectionTests {
    /// A cluster, one of whose servers announces the address of a way to another.
    private func withStaleAddress(
        _ body: (
            LocalCluster, _ lost: LocalServer, _ key: String, _ proxy: FaultProxy, _ found: LocalServer
        ) async throws -> Void
    ) async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { cluster in
            let lost = try await cluster.master(ofSlot: HashSlot.slot(of: "key"))
            let found = try #require(cluster.servers.first { $0 !== lost })
            let proxy = try FaultProxy(to: found)
            try await lost.announce(port: proxy.port)
            for server in cluster.servers where server !== lost {
                try await eventually { try await server.names(proxy.port) }
            }
            try await body(cluster, lost, "key", proxy, found)
            proxy.stop()
        }
    }

    @Test("A server that names the address at which it was asked: the call says so, and burns no deadline")
    func toItself() async throws {
        try await withStaleAddress { cluster, lost, key, proxy, _ in
            try await withPool([cluster.dsn]) { pool in
                try await pool.discover()
                let node = try pool.node(for: key)
                let start = ContinuousClock.now
                for _ in 0..<50 {
                    let error = await #expect(throws: CachesError.self) {
                        try await node.send(idempotent: true, forKey: true, deadline: .after(.seconds(60))) {
                            $0.words("GET", key)
                        }
                    }
                    #expect(error?.code == .unreachable)
                    #expect(error?.message.contains("slot \(HashSlot.slot(of: key))") == true)
                    #expect(error?.message.contains("127.0.0.1:\(proxy.port)") == true)
                    #expect(error?.advice?.contains("cluster-announce-ip") == true)
                    #expect(error?.advice?.contains("map=") == true)
                    #expect(error?.advice?.contains("redis+cluster://") == false)
                    #expect(error?.node?.contains("\(proxy.port)") == true)
                }
                #expect(ContinuousClock.now - start < .seconds(30))
                // New connections are tried, and few of them.
                #expect((2...20).contains(node.counters.connections), "\(node.counters)")
                // Once it announces itself the calls reach it.
                try await lost.announce(port: 0)
                try await eventually { (try? await pool.set(key, "value")) != nil }
                #expect(try await lost.command("GET", key).text == "value")
            }
        }
    }

    @Test("Many commands at once wait as well, and those of other servers are answered")
    func manyToItself() async throws {
        try await withStaleAddress { cluster, lost, key, _, _ in
            let other = try await cluster.master(ofSlot: HashSlot.slot(of: "b"))
            try #require(other !== lost)
            try await withPool([cluster.dsn]) { pool in
                let commands = try [key, "b"].map { key in
                    RoutedCommand(try pool.route(of: key), idempotent: true, bytes: 0) {
                        $0.words("SET", key, "v")
                    }
                }
                let results = await commands.carryOut(deadline: nil)
                let error = #expect(throws: CachesError.self) { try results[0].get() }
                #expect(error?.code == .unreachable)
                #expect((try? results[1].get())?.reply == .status("OK"))
            }
        }
    }

    @Test("Two servers that each name the other: the call says so, and burns no deadline")
    func inCircle() async throws {
        try await withLocalCluster(
            masters: 2, replicasPerMaster: 0, nodeTimeout: ClusterTests.calm
        ) { cluster in
            // Each is told that the other owns the slot, and no other server can correct it.
            let slot = HashSlot.slot(of: "key")
            let owner = try await cluster.master(ofSlot: slot)
            let other = try #require(cluster.servers.first { $0 !== owner })
            let (mine, others) = (try await owner.identifier(), try await other.identifier())
            try await other.command("CLUSTER", "SETSLOT", "\(slot)", "NODE", mine)
            try await owner.command("CLUSTER", "SETSLOT", "\(slot)", "NODE", others)
            try await withPool([cluster.dsn]) { pool in
                try await pool.discover()
                let node = try pool.node(for: "key")
                let start = ContinuousClock.now
                let error = await #expect(throws: CachesError.self) {
                    try await node.send(idempotent: true, forKey: true, deadline: .after(.seconds(60))) {
                        $0.words("GET", "key")
                    }
                }
                #expect(ContinuousClock.now - start < .seconds(30))
                #expect(error?.code == .unreachable)
                #expect(error?.message.contains("in a circle") == true, "\(error?.message ?? "")")
                #expect(error?.advice?.contains("CLUSTER NODES") == true)
                // It is used again when that is corrected.
                try await owner.command("CLUSTER", "SETSLOT", "\(slot)", "NODE", mine)
                try await eventually { (try? await pool.set("key", "value")) != nil }
            }
        }
    }

    @Test("A server that sends each call to another address can't make this process connect to all of them")
    func everOther() async throws {
        try await withLocalCluster(masters: 1, replicasPerMaster: 0) { cluster in
            try await withPool([cluster.dsn]) { pool in
                try await pool.discover()
                let hostile = try #require(try pool.node(for: "key").cluster)
                var refused = 0
                for number in 1...1000 {
                    let endpoint = Endpoint.tcp(host: "127.0.\(number / 250).\(number % 250 + 1)", port: 1)
                    do throws(CachesError) {
                        _ = try hostile.stranger(at: endpoint, owning: nil)
                    } catch {
                        refused += 1
                        #expect(error.code == .unreachable)
                    }
                }
                #expect(refused >= 1000 - Strangers.most)
                #expect(hostile.shared.withLock { $0.nodes.count } <= Strangers.most + 2)
            }
        }
    }

    @Test("If a server redirects a part of a scan to nowhere, the report says why, node by node")
    func astray() async throws {
        let servers = try (0..<2).map { _ in
            try HostileServer { command in
                switch command.name {
                case "DBSIZE": .integer(1)
                case "INFO": .error("ASK 12000 127.0.0.190:1")
                case "SCAN": .text("*2\r\n$1\r\n0\r\n*0\r\n")
                default: .truth
                }
            }
        }
        defer { for server in servers { server.stop() } }
        HostileServer.formCluster(servers)
        try await withPool([servers[0].dsn(scheme: "redis+cluster")]) { pool in
            try await pool.discover()
            let report = try await pool.clear(matching: "a*")
            #expect(report.failures.map(\.code) == [.unreachable, .unreachable], "\(report)")
            #expect(report.failures.allSatisfy { $0.message.contains("127.0.0.190:1") }, "\(report)")
            // The keys of all nodes fail as well, for which one failure is enough.
            let error = await #expect(throws: CachesError.self) {
                for try await _ in pool.keys(matching: "a*") {}
            }
            #expect(error?.code == .unreachable, "\(String(describing: error))")
        }
    }

    @Test("A cluster whose announced addresses can't be reached is used through the mapped ones")
    func mapped() async throws {
        // Without replicas, which could not reach their masters either.
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { cluster in
            let proxies = try cluster.servers.map { try FaultProxy(to: $0) }
            // No server listens at the addresses that the servers give.
            let announced = try cluster.servers.map { _ in
                let server = try ScriptedServer(.closes())
                server.stop()
                return server.port
            }
            for (server, port) in zip(cluster.servers, announced) { try await server.announce(port: port) }
            for server in cluster.servers {
                try await eventually {
                    for port in announced where try await !server.names(port) { return false }
                    return true
                }
            }
            let map = zip(announced, proxies).map { "127.0.0.1:\($0)=127.0.0.1:\($1.port)" }
            let dsn =
                "redis+cluster://127.0.0.1:\(proxies[0].port)?map=\(map.joined(separator: ","))&refresh-interval=50ms#c"
            var byClosure = try PoolConfiguration(dsns: [
                "redis+cluster://127.0.0.1:\(proxies[0].port)#c"
            ])
            let ways = Dictionary(uniqueKeysWithValues: zip(announced, proxies.map(\.port)))
            byClosure.nodes[0].addressMap = AddressMap { endpoint in
                guard case .tcp(let host, let port) = endpoint else { return endpoint }
                return .tcp(host: host, port: ways[port] ?? port)
            }
            for configuration in [try PoolConfiguration(dsns: [dsn]), byClosure] {
                try await withPool(configuration) { pool in
                    // By MOVED, and then by the table.
                    for number in 0..<50 { try await pool.set("key\(number)", "value") }
                    try await pool.discover()
                    for number in 0..<50 { #expect(try await pool.get("key\(number)") == "value") }
                    let ports = Set(proxies.map(\.port))
                    for node in try pool.nodes {
                        guard case .tcp(_, let port) = node.configuration.connection.endpoint else { return }
                        #expect(ports.contains(port))
                    }
                    #expect(try pool.nodes.count == 3)
                }
            }
            // A slot that moves is followed by ASK and MOVED.
            let source = try await cluster.master(ofSlot: HashSlot.slot(of: "key0"))
            let target = try #require(try await cluster.masters().first { $0 !== source })
            try await withPool([dsn]) { pool in
                try await pool.discover()
                let migration = try await cluster.beginMigration(
                    ofSlot: HashSlot.slot(of: "key0"), to: target)
                while try await migration.moveKeys(atMost: 10) > 0 {}
                #expect(try await pool.get("key0") == "value")
                try await migration.finish()
                #expect(try await pool.get("key0") == "value")
            }
            for proxy in proxies { proxy.stop() }
        }
    }
}

extension LocalServer {
    /// Makes the server announce another port for clients to the others; 0 for its own port.
    fileprivate func announce(port: Int) async throws {
        try await command("CONFIG", "SET", "cluster-announce-port", "\(port)")
    }

    /// Whether the server knows one at a port.
    fileprivate func names(_ port: Int) async throws -> Bool {
        try await command("CLUSTER", "NODES").text?.contains(":\(port)@") == true
    }

    /// The name by which the others know it.
    fileprivate func identifier() async throws -> String {
        try #require(await command("CLUSTER", "MYID").text)
    }
}

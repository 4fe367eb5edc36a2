import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

extension CachePool {
    /// Reads a key as the caches do.
    func get(_ key: String) async throws -> String? {
        let node = try node(for: key)
        return try await node.send(idempotent: true, forKey: true, deadline: node.deadline()) { command in
            command.words("GET", key)
        }.text
    }

    /// Writes a key as the caches do.
    func set(_ key: String, _ value: String) async throws {
        let node = try node(for: key)
        _ = try await node.send(idempotent: true, forKey: true, deadline: node.deadline()) { command in
            command.words("SET", key, value)
        }
    }

    /// Carries out commands on keys as batches do: split by node, those of each node together.
    func batch(_ commands: [[String]]) async throws -> [Reply] {
        let routed = try commands.map { words in
            RoutedCommand(try route(of: words[1]), idempotent: true, bytes: 0) { command in
                command.begin(words.count)
                for word in words { command.argument(word) }
            }
        }
        return try await routed.carryOut(deadline: nil).map { try $0.get().reply }
    }

    /// The port of the server that is taken for the owner of a key.
    func port(of key: String) throws -> Int? {
        guard case .tcp(_, let port) = try node(for: key).configuration.connection.endpoint else {
            return nil
        }
        return port
    }
}

extension LocalServer {
    /// How often the server has carried out a command, and how often it has refused one, such as by a
    /// redirection.
    func uses(of command: String) async throws -> (carriedOut: Int, refused: Int) {
        let statistics = try await self.command("INFO", "commandstats").text ?? ""
        let line = statistics.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_\(command):") } ?? ""
        let fields = Dictionary(
            line.drop { $0 != ":" }.dropFirst().split(separator: ",").map { field in
                let parts = field.split(separator: "=")
                return (String(parts[0]), Int(parts[1]) ?? 0)
            }, uniquingKeysWith: { first, _ in first })
        return (fields["calls"] ?? 0, fields["rejected_calls"] ?? 0)
    }
}

/// A real cluster as the only member of a pool.
@Suite struct ClusterTests {
    /// No node fails over by itself while a busy machine stalls.
    static let calm = Duration.seconds(60)

    private static let keys = (0..<200).map { "key\($0)" }

    @Test("Calls on keys find their server, before anything is known of the cluster and after")
    func routing() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: Self.calm) { cluster in
            try await withPool([cluster.dsn]) { pool in
                try await withThrowingDiscardingTaskGroup { group in
                    for key in Self.keys { group.addTask { try await pool.set(key, "value of \(key)") } }
                }
                for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
                try await pool.discover()
                #expect(try pool.nodes.count == 3)
                for key in Self.keys.prefix(20) {
                    let owner = try await cluster.master(ofSlot: HashSlot.slot(of: key))
                    #expect(try pool.port(of: key) == owner.port)
                    #expect(try await owner.command("GET", key).text == "value of \(key)")
                }
                // From now on no command is sent to a server that has to redirect it.
                let before = try await refusals(cluster)
                for key in Self.keys { #expect(try await pool.get(key) == "value of \(key)") }
                #expect(try await refusals(cluster) == before)
            }
        }
    }

    private func refusals(_ cluster: LocalCluster) async throws -> Int {
        var refusals = 0
        for server in cluster.servers { refusals += try await server.uses(of: "get").refused }
        return refusals
    }

    @Test("Many commands at once come back in order, from whichever servers")
    func pipelines() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: Self.calm) { cluster in
            try await withPool([cluster.dsn]) { pool in
                let keys = (0..<5000).map { "{\($0 % 977)}\($0)" }
                // All go to one server at first, which redirects most of them.
                let written = try await pool.batch(keys.map { ["SET", $0, "v\($0)"] })
                #expect(written.allSatisfy { $0 == .status("OK") })
                let read = try await pool.batch(keys.map { ["GET", $0] })
                #expect(read.map(\.text) == keys.map { "v\($0)" })
                // An error of a command stays with the command.
                let mixed = try await pool.batch([
                    ["GET", keys[0]], ["LPUSH", keys[1], "x"], ["GET", keys[2]],
                ])
                #expect(mixed[0].text == "v\(keys[0])" && mixed[2].text == "v\(keys[2])")
                guard case .error(let error) = mixed[1] else { throw Missing() }
                #expect(error.name == "WRONGTYPE")
            }
        }
    }

    struct Missing: Error {}

    @Test("A server of the DSN that is down does not matter")
    func seedDown() async throws {
        try await withLocalCluster(nodeTimeout: Self.calm) { cluster in
            cluster.servers[0].kill()
            // Its slots have no owner until a replica takes over; others have.
            let key = try #require(Self.keys.first { HashSlot.slot(of: $0) > 8000 })
            try await withPool([cluster.dsn]) { pool in
                let first = try pool.node(for: key)
                try await pool.set(key, "value")
                #expect(try await pool.get(key) == "value")
                // The same holds for a call that went there before the owners were known, and is told after
                // that.
                let read = try await first.send(idempotent: true, forKey: true, deadline: first.deadline()) {
                    $0.words("GET", key)
                }
                #expect(read.text == "value")
            }
        }
    }

    @Test("If no server can be reached, calls say so, and so does a discovery")
    func allDown() async throws {
        let hole = try ScriptedServer(.closes())
        let port = hole.port
        hole.stop()
        try await withPool(["redis+cluster://127.0.0.1:\(port)#main"]) { pool in
            let error = await #expect(throws: CachesError.self) { try await pool.get("a") }
            #expect(error?.code == .unreachable)
            #expect(error?.node == "main@127.0.0.1:\(port)")
            let other = await #expect(throws: CachesError.self) {
                try await pool.discover(deadline: .milliseconds(300))
            }
            #expect(other?.code == .unreachable)
        }
    }

    @Test("Servers that hang don't keep a discovery beyond its time")
    func hanging() async throws {
        let hole = try BlackHole()
        let dsn = hole.dsn().replacing("redis://", with: "redis+cluster://")
        try await withPool([dsn]) { pool in
            let error = await #expect(throws: CachesError.self) {
                try await pool.discover(deadline: .milliseconds(300))
            }
            #expect(error?.code == .timeout)
        }
    }

    @Test("A server that is not part of a cluster is named, with advice what to write instead")
    func noCluster() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let log = LogRecorder()
            let dsn = fleet.dsns[0].replacing("redis://", with: "redis+cluster://").replacing("/0", with: "")
            try await withPool([dsn], logger: log.logger) { pool in
                let error = await #expect(throws: CachesError.self) { try await pool.discover() }
                #expect(error?.code == .configuration)
                #expect(error?.message.contains("cluster support is disabled") == true)
                #expect(error?.advice?.contains("redis://") == true)
                // A call that came before the answer was carried out: now they all say it.
                let call = await #expect(throws: CachesError.self) { try await pool.get("a") }
                #expect(call?.code == .configuration)
                // Once, and perhaps a moment after the calls know.
                try await eventually { log.lines.contains { $0.message.contains("the owners of the slots") } }
                #expect(log.lines.count { $0.message.contains("the owners of the slots") } == 1)
            }
        }
    }

    @Test("The servers of a cluster tell a client that does not know that they are one how to reach them")
    func plainDSN() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: Self.calm) { cluster in
            let dsns = cluster.servers.map { "redis://127.0.0.1:\($0.port ?? 0)" }
            try await withPool(dsns) { pool in
                var errors: [CachesError] = []
                for key in Self.keys {
                    do { _ = try await pool.get(key) } catch let error as CachesError { errors.append(error) }
                }
                #expect(!errors.isEmpty)
                #expect(errors.allSatisfy { $0.code == .server("MOVED") })
                #expect(errors.allSatisfy { $0.advice?.contains("redis+cluster://") == true })
            }
        }
    }

    @Test(
        "Servers that give a host name, or no name, are found",
        arguments: [LocalServer.ClusterEndpoint.hostname, .unknown], [LocalServer.Transport.tcp, .tls()])
    func announced(endpoint: LocalServer.ClusterEndpoint, transport: LocalServer.Transport) async throws {
        try await withLocalCluster(
            replicasPerMaster: 0, options: .init(transport: transport), endpoint: endpoint,
            nodeTimeout: Self.calm
        ) { cluster in
            try await withPool([cluster.dsn]) { pool in
                for key in Self.keys { try await pool.set(key, "value") }
                try await pool.discover()
                #expect(try pool.nodes.count == 3)
                let hosts = try pool.nodes.map { node -> String in
                    guard case .tcp(let host, _) = node.configuration.connection.endpoint else { return "" }
                    return host
                }
                // No name: the host at which it was asked, which over TLS is a name that the certificate
                // carries.
                let expected = endpoint == .unknown && transport == .tcp ? "127.0.0.1" : "localhost"
                #expect(hosts.allSatisfy { $0 == expected })
                for key in Self.keys { #expect(try await pool.get(key) == "value") }
            }
        }
    }

    @Test("Transactions on one slot are carried out as a whole, wherever the slot is")
    func transactions() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: Self.calm) { cluster in
            try await withPool([cluster.dsn]) { pool in
                for number in 0..<20 {
                    let keys = ["{\(number)}a", "{\(number)}b"]
                    let commands = try keys.map { key in
                        RoutedCommand(try pool.route(of: key), idempotent: false, bytes: 0) {
                            $0.words("INCR", key)
                        }
                    }
                    let node = try pool.node(for: keys[0])
                    let replies = try await node.sendAsOne(commands, deadline: node.deadline())
                    #expect(replies == [.integer(1), .integer(1)])
                }
            }
        }
    }

    @Test("Keys are read and cleared on all masters")
    func keyspace() async throws {
        try await withLocalCluster(nodeTimeout: Self.calm) { cluster in
            try await withPool([cluster.dsn]) { pool in
                _ = try await pool.batch((0..<3000).map { ["SET", "a\($0)", "1"] })
                _ = try await pool.batch((0..<300).map { ["SET", "b\($0)", "1"] })
            }
            // A new pool: nothing is known of the cluster.
            try await withPool([cluster.dsn]) { pool in
                var found: Set<String> = []
                for try await key in pool.keys(matching: "a*") { found.insert(key) }
                #expect(found == Set((0..<3000).map { "a\($0)" }))
            }
            try await withPool([cluster.dsn]) { pool in
                let report = try await pool.clear(matching: "a*", batchSize: 100)
                #expect(try report.get() == 3000)
                #expect(report.nodes.count == 3)
                var rest = 0
                for try await _ in pool.keys() { rest += 1 }
                #expect(rest == 300)
            }
        }
    }

    @Test("A closed pool leaves no connection, and its calls say so")
    func closing() async throws {
        try await withLocalCluster(nodeTimeout: Self.calm) { cluster in
            let pool = try CachePool([cluster.dsn], logger: silent)
            for key in Self.keys { try await pool.set(key, "value") }
            await pool.close()
            let error = await #expect(throws: CachesError.self) { try await pool.get("a") }
            #expect(error?.code == .closed)
            for server in cluster.servers {
                try await eventually { try await server.clients().isEmpty }
            }
            await #expect(throws: CachesError.self) { try await pool.discover(deadline: .milliseconds(1)) }
        }
    }

    @Test("A pool that nobody refers to any more closes by itself")
    func forgotten() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: Self.calm) { cluster in
            weak var forgotten: Cluster?
            do {
                let pool = try CachePool([cluster.dsn], logger: silent)
                for key in Self.keys { try await pool.set(key, "value") }
                forgotten = try pool.node(for: "a").cluster
                #expect(forgotten != nil)
            }
            try await eventually { forgotten == nil }
            for server in cluster.servers {
                try await eventually { try await server.clients().isEmpty }
            }
        }
    }
}

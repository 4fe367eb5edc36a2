import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Servers of a real cluster that are wrong about its members.
@Suite struct ClusterMembershipTests {
    /// A cluster of three masters, the first of which was made to forget the others, and a key of each other
    /// one.
    private func withForgetful(
        _ body: (LocalCluster, _ forgetful: LocalServer, _ keys: [String]) async throws -> Void
    ) async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { cluster in
            let forgetful = cluster.servers[0]
            let others = try await keys(of: Array(cluster.servers.dropFirst()), in: cluster)
            try await body(cluster, forgetful, others)
        }
    }

    /// Keys, one of each server.
    private func keys(of servers: [LocalServer], in cluster: LocalCluster) async throws -> [String] {
        var keys: [String] = []
        for server in servers {
            let slots = try await cluster.slots(of: server)
            let key = (0...).lazy.map { "key\($0)" }.first { key in
                slots.contains { $0.contains(HashSlot.slot(of: key)) }
            }
            keys.append(try #require(key))
        }
        return keys
    }

    @Test("A server that forgot the others is not believed alone, though the DSN names it first")
    func forgetfulAtStart() async throws {
        try await withForgetful { cluster, forgetful, keys in
            try await forgetful.forgetOthers()
            let log = LogRecorder()
            // Again and again: the first time, the others may have answered before it.
            let dsn = cluster.dsn.adding("refresh-interval=20ms")
            try await withPool([dsn], logger: log.logger) { pool in
                try await pool.discover()
                #expect(try pool.nodes.count == 3)
                for key in keys {
                    try await pool.set(key, "value")
                    #expect(try await pool.get(key) == "value")
                }
                try await eventually { log.lines.contains { $0.message.contains("contradict the others") } }
            }
        }
    }

    @Test("It is not believed later either, however often it is asked")
    func forgetfulLater() async throws {
        try await withForgetful { cluster, forgetful, keys in
            try await withPool([cluster.dsn.adding("refresh-interval=20ms")]) { pool in
                try await pool.discover()
                try await forgetful.forgetOthers()
                let before = try await forgetful.tables()
                for _ in 0..<20 {
                    for key in keys {
                        try await pool.set(key, "value")
                        #expect(try await pool.get(key) == "value")
                    }
                    #expect(try pool.nodes.count == 3)
                }
                try await eventually {
                    #expect(try pool.nodes.count == 3)
                    return try await forgetful.tables() > before + 3
                }
                #expect(try pool.nodes.count == 3)
            }
        }
    }

    @Test("If only that server can be reached at first, there is a way back")
    func wayBack() async throws {
        try await withForgetful { cluster, forgetful, keys in
            try await forgetful.forgetOthers()
            let gates = try cluster.servers.dropFirst().map { try FaultProxy(to: $0) }
            for gate in gates { gate.fault = .refuse }
            let hosts = ([forgetful.port ?? 0] + gates.map(\.port)).map { "127.0.0.1:\($0)" }
            let dsn = "redis+cluster://\(hosts.joined(separator: ","))?refresh-interval=50ms#c"
            try await withPool([dsn]) { pool in
                try await pool.discover()
                #expect(try pool.nodes.count == 1)
                for gate in gates { gate.fault = .none }
                try await eventually { try pool.nodes.count == 3 }
                for key in keys {
                    try await pool.set(key, "value")
                    #expect(try await pool.get(key) == "value")
                }
            }
            for gate in gates { gate.stop() }
        }
    }

    @Test("A server that was reset is not asked for keys that others have")
    func reset() async throws {
        try await withForgetful { cluster, forgetful, keys in
            try await withPool([cluster.dsn.adding("refresh-interval=20ms")]) { pool in
                try await pool.discover()
                try await forgetful.command("FLUSHALL")
                try await forgetful.command("CLUSTER", "RESET", "SOFT")
                for _ in 0..<20 {
                    for key in keys { try await pool.set(key, "value") }
                }
                let before = try await forgetful.tables()
                try await eventually {
                    for key in keys { #expect(try await pool.get(key) == "value") }
                    return try await forgetful.tables() > before
                }
                for key in keys { #expect(try await pool.get(key) == "value") }
            }
            // A new pool finds them as well.
            try await withPool([cluster.dsn]) { pool in
                try await pool.discover()
                for key in keys { #expect(try await pool.get(key) == "value") }
            }
        }
    }

    @Test("An address that another cluster has got does not capture the pool, and there is a way back")
    func takenOver() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { own in
            try await withLocalCluster(
                masters: 1, replicasPerMaster: 0, options: .init(name: "other"),
                nodeTimeout: ClusterTests.calm
            ) { other in
                let stranger = other.servers[0].port ?? 0
                let gates = try own.servers.dropFirst().map { try FaultProxy(to: $0) }
                let hosts = ([stranger] + gates.map(\.port)).map { "127.0.0.1:\($0)" }
                let dsn = "redis+cluster://\(hosts.joined(separator: ","))?refresh-interval=50ms#c"
                let ports = Set(own.servers.compactMap(\.port))
                func isOwn(_ pool: CachePool) throws -> Bool {
                    try Set(pool.nodes.compactMap(\.port)) == ports
                }
                // At the start two hosts of the DSN outvote the one.
                try await withPool([dsn]) { pool in
                    try await pool.discover()
                    #expect(try isOwn(pool))
                }
                // While that one alone answers, it is believed until the others do.
                for gate in gates { gate.fault = .refuse }
                try await withPool([dsn]) { pool in
                    try await pool.discover()
                    #expect(try pool.nodes.map(\.port) == [stranger])
                    for gate in gates { gate.fault = .none }
                    try await eventually { try isOwn(pool) }
                }
                for gate in gates { gate.stop() }
            }
        }
    }

    @Test("A MOVED that is wrong is believed for a moment, and then corrected")
    func wronglyLearned() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { cluster in
            try await withPool([cluster.dsn.adding("refresh-interval=100ms")]) { pool in
                try await pool.discover()
                let node = try pool.node(for: "key")
                let elsewhere = try #require(try pool.nodes.first { $0 !== node })
                let owner = try #require(node.cluster)
                _ = try owner.stranger(
                    at: elsewhere.configuration.connection.endpoint, owning: HashSlot.slot(of: "key"))
                #expect(try pool.node(for: "key") === elsewhere)
                try await eventually { try pool.node(for: "key") === node }
            }
        }
    }

    @Test("Servers that announce no host name although they should are found by the metadata")
    func questionMark() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { cluster in
            for server in cluster.servers {
                try await server.command("CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname")
            }
            let answer = try await cluster.servers[0].command("CLUSTER", "SLOTS")
            try #require(answer.elements.first?.elements.last?.elements.first?.text == "?")
            let hosts = cluster.servers.map { "localhost:\($0.port ?? 0)" }
            try await withPool(["redis+cluster://\(hosts.joined(separator: ","))#c"]) { pool in
                for number in 0..<50 { try await pool.set("key\(number)", "value") }
                try await pool.discover()
                #expect(
                    try Set(pool.nodes.map(\.configuration.connection.endpoint))
                        == Set(cluster.servers.map { .tcp(host: "127.0.0.1", port: $0.port ?? 0) }))
                for number in 0..<50 { #expect(try await pool.get("key\(number)") == "value") }
            }
        }
    }

    @Test("A server that has no port for this process is left out and reported, and all others are used")
    func withoutPort() async throws {
        try await withForgetful { cluster, closed, keys in
            // Like a server that speaks only TLS by now.
            try await closed.command("CONFIG", "SET", "port", "0")
            let others = cluster.servers.dropFirst()
            for server in others {
                try await eventually {
                    try await server.command("CLUSTER", "NODES").text?.contains(":0@") == true
                }
            }
            let log = LogRecorder()
            let hosts = others.map { "127.0.0.1:\($0.port ?? 0)" }.joined(separator: ",")
            try await withPool(["redis+cluster://\(hosts)#c"], logger: log.logger) { pool in
                try await pool.discover()
                #expect(try Set(pool.nodes.map(\.port)) == Set(others.map(\.port)))
                for key in keys {
                    try await pool.set(key, "value")
                    #expect(try await pool.get(key) == "value")
                }
                #expect(log.lines.contains { $0.message.contains("is left out") })
            }
        }
    }

    @Test("Servers that announce no host at all are where they were asked")
    func unknownEndpoint() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { cluster in
            for server in cluster.servers {
                try await server.command(
                    "CONFIG", "SET", "cluster-preferred-endpoint-type", "unknown-endpoint")
            }
            let hosts = cluster.servers.map { "localhost:\($0.port ?? 0)" }
            try await withPool(["redis+cluster://\(hosts.joined(separator: ","))#c"]) { pool in
                try await pool.discover()
                #expect(
                    try Set(pool.nodes.map(\.configuration.connection.endpoint))
                        == Set(cluster.servers.map { .tcp(host: "localhost", port: $0.port ?? 0) }))
                for number in 0..<50 { try await pool.set("key\(number)", "value") }
            }
        }
    }
}

extension LocalServer {
    /// Makes a server of a cluster forget all others. They don't learn of it, and can't tell it for a minute.
    fileprivate func forgetOthers() async throws {
        let nodes = try await command("CLUSTER", "NODES").text ?? ""
        for line in nodes.split(separator: "\n") where !line.contains("myself") {
            try await command("CLUSTER", "FORGET", String(line.prefix { $0 != " " }))
        }
    }

    /// How often it has told its table.
    fileprivate func tables() async throws -> Int { try await uses(of: "cluster|slots").carriedOut }
}

extension Node {
    /// The port of its server.
    fileprivate var port: Int? {
        if case .tcp(_, let port) = configuration.connection.endpoint { port } else { nil }
    }
}

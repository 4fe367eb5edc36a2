import CachesTesting
import CachesTransport
import Logging
import Testing

@testable import CachesCluster

/// The connection that a call holds, and its use when the node is gone.
@Suite("Connections of nodes") struct NodeConnectionTests {
    private static let key = KeyBytes("key")

    /// A pool of one server, and the connection to it.
    private func pool(of fleet: LocalFleet) async throws -> (CachePool, NodeConnection) {
        let pool = try CachePool(fleet.dsns, logger: silent)
        _ = try await pool.nodes[0].send("PING")
        return (
            pool,
            try #require(pool.connection(for: Self.key, connection: .sharded, deadline: nil)?.connection)
        )
    }

    @Test(
        "There is a connection once a call has opened a connection, and none while the node is out or the pool is closed"
    )
    func shown() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent)
            let node = try pool.nodes[0]
            #expect(pool.connection(for: Self.key, connection: .sharded, deadline: nil) == nil)
            _ = try await node.send("PING")
            let (connection, deadline) = try #require(
                pool.connection(for: Self.key, connection: .sharded, deadline: nil))
            #expect(connection.node === node && connection.name == node.name)
            #expect(deadline.remaining <= node.defaultDeadline)
            #expect(node.counters.calls == 2)
            await pool.close()
            #expect(pool.connection(for: Self.key, connection: .sharded, deadline: nil) == nil)
        }
    }

    @Test("A node that is suspect hears of an answer over its connection, and is healthy again")
    func suspect() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            // Otherwise a sign of life that was asked for could come first, and end in the same.
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.health.pingTimeout = .seconds(60)
            let pool = try CachePool(configuration, logger: silent)
            let node = try pool.nodes[0]
            _ = try await node.send("PING")
            let (connection, _) = try #require(
                pool.connection(for: Self.key, connection: .sharded, deadline: nil))
            fleet.servers[0].pause()
            node.note(.late(CachesError(.timeout, "late")))
            #expect(node.health == .suspect)
            connection.noteAnswer()
            #expect(node.health == .healthy)
            fleet.servers[0].resume()
            let reply = try await connection.send(
                idempotent: true, forKey: true, deadline: .after(.seconds(60))
            ) {
                $0.write("GET", Self.key)
            }
            #expect(reply.isNull)
            #expect(node.health == .healthy)
            await pool.close()
        }
    }

    @Test("A command that is sent over the connection of a pool that is gone fails, and says so")
    func orphaned() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let connection: NodeConnection
            do { (_, connection) = try await pool(of: fleet) }
            #expect(connection.node == nil)
            let error = await #expect(throws: CachesError.self) {
                try await connection.send(idempotent: true, forKey: true, deadline: .after(.seconds(5))) {
                    $0.write("GET", Self.key)
                }
            }
            #expect(error?.code == .closed)
        }
    }
}

import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// A primary with its Sentinels and replicas as a member of a pool, and the references between them.
@Suite struct SentinelGroupTests {
    private func group(of pool: CachePool) throws -> SentinelGroup {
        guard case .sentinels(let group)? = pool.topology?.all.members.first else {
            throw CachesError(.configuration, "The pool has no Sentinels.")
        }
        return group
    }

    /// A pool that has connected, and knows a replica; it is not closed.
    private func pool(_ servers: LocalSentinelGroup) async throws -> CachePool {
        let pool = try CachePool(PoolConfiguration(dsns: [servers.dsn]), logger: silent)
        let node = try pool.nodes[0]
        _ = try await node.send("PING", deadline: .after(.seconds(60)))
        try await eventually { pool.replica(of: node) != nil }
        return pool
    }

    @Test("A group that nobody refers to any more is gone, with its watch and its nodes")
    func forgotten() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { servers in
            weak var group: SentinelGroup?
            weak var watch: SentinelWatch?
            weak var node: Node?
            weak var replica: Node?
            do {
                let pool = try await pool(servers)
                group = try self.group(of: pool)
                node = group?.node
                watch = (node?.deployment as? SentinelDeployment)?.watch
                replica = node.flatMap { pool.replica(of: $0) }
                #expect(watch != nil && replica != nil)
            }
            try await eventually { group == nil && watch == nil && node == nil && replica == nil }
        }
    }

    @Test("A node that outlives its pool still follows the primary")
    func outlives() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { servers in
            let node = try await pool(servers).nodes[0]
            let first = try await servers.master()
            try await servers.failOver()
            let failover = try await servers.waitForFailover(from: first)
            try await eventually { node.session?.endpoint == failover.master.announced }
            let reply = try await node.send("SET", "key", "value", deadline: .after(.seconds(60)))
            #expect(reply == .status("OK"))
            await node.close(deadline: .after(.milliseconds(1)))
        }
    }

    @Test("A group is one member with one node, to which its replicas do not belong")
    func member() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { servers in
            let pool = try await pool(servers)
            let member = try #require(pool.topology?.all.members.first)
            let nodes = try pool.nodes
            #expect(nodes.count == 1 && member.onlyNode === nodes[0])
            let replica = try #require(pool.replica(of: nodes[0]))
            #expect(replica.configuration.replicaOf == nodes[0].name)
            await pool.close()
            guard case .closed = replica.state else {
                Issue.record("\(replica.state)")
                return
            }
            #expect(pool.replica(of: nodes[0]) == nil)
        }
    }
}

import CachesTransport
import Testing

@testable import CachesCluster

/// The answers of a pool without a server.
@Suite struct CachePoolTests {
    private static let dsns = [
        "redis://127.0.0.1:1#main", "redis://127.0.0.1:2#sessions/a", "redis://127.0.0.1:3#sessions/b",
    ]

    @Test("A pool without a node is refused, with advice")
    func empty() {
        for error in [
            #expect(throws: CachesError.self) { try CachePool([]) },
            #expect(throws: CachesError.self) { try CachePool(PoolConfiguration(nodes: [])) },
        ] {
            #expect(error?.code == .configuration)
            #expect(error?.advice?.contains("redis://localhost:6379") == true)
        }
    }

    @Test("Two nodes of one name are refused by the pool, too")
    func duplicates() throws {
        let node = try NodeConfiguration(dsn: "redis://127.0.0.1#a")
        let error = #expect(throws: CachesError.self) {
            try CachePool(PoolConfiguration(nodes: [node, node]))
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("a") == true)
    }

    @Test("Pools and nodes describe themselves by names and places, without secrets, and ask no server")
    func description() throws {
        let servers = [
            "redis://:s3cret@127.0.0.1:1/2#main", "rediss://s3cret@cache.example", "unix:///run/r.sock#near",
            "redis+sentinel://:s3cret@s1,s2/mymaster?sentinel-password=s3cret2#safe",
        ]
        let texts = [
            "main at 127.0.0.1:1", "cache.example:6379/0", "near at unix:/run/r.sock",
            "safe at mymaster of s1:26379,s2:26379",
        ]
        let pool = try CachePool(servers)
        #expect("\(pool)" == texts.joined(separator: ", "))
        #expect(try pool.nodes.map { "\($0)" } == texts)
        #expect(try pool.nodes.allSatisfy { $0.session == nil })
        // One member, whatever its servers are.
        let cluster = try CachePool(["redis+cluster://app:s3cret@c1,c2:7001#wide"])
        #expect("\(cluster)" == "wide at c1:6379,c2:7001")
    }

    @Test("Nodes come in the order of the configuration, idle, and the same ones each time")
    func nodes() throws {
        let pool = try CachePool(Self.dsns)
        let nodes = try pool.nodes
        #expect(nodes.map(\.name) == ["main", "sessions/a", "sessions/b"])
        #expect(nodes.map(\.state.description) == ["idle", "idle", "idle"])
        #expect(nodes.allSatisfy { $0.session == nil })
        #expect(try pool.nodes(connection: "sessions").map(\.name) == ["sessions/a", "sessions/b"])
        #expect(try pool.nodes(connection: "sessions/b")[0] === nodes[2])
        #expect(try pool.nodes(connection: .sharded).elementsEqual(nodes, by: ===))
    }

    @Test("A key's owner is the one that placement says, among the nodes of the connection")
    func owners() throws {
        let pool = try CachePool(Self.dsns)
        let all = WeightedRendezvous(["main", "sessions/a", "sessions/b"].map { ($0, 1) })
        let group = WeightedRendezvous(["sessions/a", "sessions/b"].map { ($0, 1) })
        for number in 0..<1000 {
            let key = "user.\(number)"
            #expect(try pool.node(for: key) === pool.nodes[all.owner(of: key)])
            #expect(
                try pool.node(for: key, connection: "sessions")
                    === pool.nodes(connection: "sessions")[group.owner(of: key)])
            #expect(try pool.node(for: key, connection: "sessions/a").name == "sessions/a")
        }
    }

    @Test("The nodes of a key are those of the connection in its order, by the configured placement")
    func order() throws {
        for rule in PlacementRule.allCases {
            var configuration = try PoolConfiguration(dsns: Self.dsns)
            configuration.placement = rule
            let pool = try CachePool(configuration)
            for (connection, indices) in [
                (ConnectionName.sharded, [0, 1, 2]), ("sessions", [1, 2]), ("main", [0]),
            ] {
                let servers = indices.map { configuration.nodes[$0] }
                let placement = try Placement(rule, on: servers)
                for number in 0..<50 {
                    let nodes = try pool.failoverOrder(of: "user.\(number)", connection: connection)
                    #expect(
                        nodes.map(\.configuration)
                            == placement.order(of: "user.\(number)").map { servers[$0] })
                    #expect(try pool.node(for: "user.\(number)", connection: connection) === nodes[0])
                }
            }
        }
    }

    @Test("An unknown name is an error that lists the known names")
    func unknown() throws {
        let pool = try CachePool(Self.dsns)
        for error in [
            #expect(throws: CachesError.self) { try pool.nodes(connection: "session") },
            #expect(throws: CachesError.self) { try pool.node(for: "key", connection: "session") },
            #expect(throws: CachesError.self) { try pool.failoverOrder(of: "key", connection: "session") },
        ] {
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("session") == true)
            #expect(error?.advice?.contains("main, sessions/a, sessions/b; the groups are sessions.") == true)
        }
    }

    @Test("The deadline of a call is its own, otherwise the node's, otherwise the pool's")
    func deadlines() throws {
        var configuration = try PoolConfiguration(dsns: [
            "redis://127.0.0.1:1#a", "redis://127.0.0.1:2?timeout=20s#b",
        ])
        configuration.deadline = .seconds(10)
        let nodes = try CachePool(configuration).nodes
        for (deadline, expected) in [
            (nodes[0].deadline(), 10), (nodes[1].deadline(), 20), (nodes[1].deadline(.seconds(30)), 30),
        ] {
            #expect(deadline.remaining <= .seconds(expected))
            #expect(deadline.remaining > .seconds(expected - 5))
        }
    }

    @Test("The task's pool holds for its children and not outside")
    func current() async throws {
        let pool = try CachePool(Self.dsns)
        #expect(CachePool.current == nil)
        await CachePool.$current.withValue(pool) {
            #expect(CachePool.current === pool)
            let inChild = await withTaskGroup(of: CachePool?.self) { group in
                group.addTask { CachePool.current }
                return await group.next() ?? nil
            }
            #expect(inChild === pool)
        }
        #expect(CachePool.current == nil)
    }

    @Test("A pool that was closed before its first call opens nothing, and its calls say so")
    func closedBeforeUse() async throws {
        let pool = try CachePool(Self.dsns)
        await pool.close()
        await pool.close()
        for node in try pool.nodes {
            #expect(node.state.description == "closed")
            let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
            #expect(error?.code == .closed)
            #expect(error?.node == node.name)
            #expect(error?.advice != nil)
        }
    }
}

import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// A pool whose servers change while Sentinels watch some of them.
@Suite struct SentinelReconfiguringTests {
    @Test("Two members of one service are one server; another name, database or service is another")
    func sameService() throws {
        func node(_ dsn: String) throws -> Node {
            try CachePool([dsn]).nodes[0]
        }
        let one = try node("redis+sentinel://a,b,c/m/0#one")
        for same in ["redis+sentinel://c,d/m/0#other", "rediss+sentinel://:pw@a/m#one"] {
            #expect(one.isSameServer(as: try node(same)), "\(same)")
        }
        for other in [
            "redis+sentinel://a,b,c/m/1#one", "redis+sentinel://a,b,c/n/0#one", "redis+sentinel://d/m/0#one",
            "redis://a:26379#one", "redis+cluster://a:26379#one",
        ] {
            #expect(!one.isSameServer(as: try node(other)), "\(other)")
        }
    }

    @Test(
        "The connection stays in use if the member has not changed, and keys stay if its name or list changes"
    )
    func reconfigure() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { group in
            try await withSentinelPool([group.dsn]) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("SET", "key", "value")
                try pool.reconfigure(to: PoolConfiguration(dsns: [group.dsn]))
                #expect(try pool.nodes.count == 1)
                let fewer = group.dsn(of: Array(group.sentinels.prefix(2))).replacing("#main", with: "#other")
                try pool.reconfigure(to: PoolConfiguration(dsns: [fewer]))
                while pool.handOver != nil {
                    let route = try pool.route(of: "key")
                    #expect(route.move == nil, "it is where it was")
                    #expect(try await route.node.send("GET", "key").text == "value")
                    pool.endStage()
                }
                #expect(try pool.nodes.map(\.name) == ["other"])
                let value = try await pool.nodes[0].send("GET", "key").text
                #expect(value == "value")
            }
        }
    }

    @Test("A single server that gets Sentinels keeps its keys")
    func fromPlain() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { group in
            try await withSentinelPool([group.servers[0].dsn]) { pool in
                _ = try await pool.nodes[0].send("SET", "key", "value")
                try pool.reconfigure(to: PoolConfiguration(dsns: [group.dsn]))
                try await eventually { try pool.route(of: "key").move == nil }
                while pool.handOver != nil {
                    #expect(try await pool.route(of: "key").node.send("GET", "key").text == "value")
                    pool.endStage()
                }
                let value = try await pool.nodes[0].send("GET", "key").text
                #expect(value == "value")
            }
        }
    }
}

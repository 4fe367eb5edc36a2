import Caches
import CachesCluster
import CachesTesting
import CachesTransport
import TestSupport
import Testing

/// A group that Sentinels watch as a member of a ring, beside a single server.
@Suite struct SentinelRingTests {
    private final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    private final class Tags: SetCache<String>, @unchecked Sendable {
        override class var prefix: String { "tags" }
    }

    private func withRing(
        _ options: LocalSentinelGroup.Options = .init(),
        _ body: (LocalSentinelGroup, LocalFleet, CachePool) async throws -> Void
    ) async throws {
        let access = options.server.access
        try await withLocalFleet([.init(name: "plain", transport: options.server.transport, access: access)])
        {
            fleet in
            try await withLocalSentinelGroup(options) { group in
                var configuration = try PoolConfiguration(dsns: [group.dsn] + fleet.dsns)
                configuration.deadline = .seconds(20)
                for index in configuration.nodes.indices {
                    configuration.nodes[index].connection.connectTimeout = .seconds(10)
                }
                configuration.health.pingTimeout = .seconds(10)
                // The servers have just started: nobody wrote their earlier data.
                configuration.returnRules.lossMargin = .zero
                let pool = try CachePool(configuration)
                try await body(group, fleet, pool)
                await pool.close()
            }
        }
    }

    @Test(
        "Keys stay with the member when another server is its primary, and those of the other are not touched",
        arguments: [
            LocalSentinelGroup.Options(),
            .init(
                server: .init(transport: .tls(), access: LeastPrivilege.access),
                sentinelAccess: .password("Plugh-1906")),
        ])
    func keysStay(_ options: LocalSentinelGroup.Options) async throws {
        try await withRing(options) { group, fleet, pool in
            let ids = Array(0..<200)
            try await Page.setMany(ids.map { ($0, "\($0)") }, on: pool)
            for id in ids.prefix(20) { try await Tags(id, on: pool).insert("\(id)") }
            let owners = try ids.map { try pool.node(for: Page.key($0).text).name }
            #expect(Set(owners) == ["main", "plain"])
            let first = try await group.master()
            // Without the keys that the library keeps for itself.
            let keys = ["KEYS", "[pt]a*"]
            let own = try await first.command(keys).elements.count
            let foreign = try await fleet.servers[0].command(keys).elements.count
            #expect(own + foreign == 220)
            // Writes that no replica has when a primary dies are lost.
            try await first.command("WAIT", "2", "20000", timeout: .seconds(30))

            first.kill()
            let failover = try await group.waitForFailover(from: first)
            let node = try pool.nodes(connection: "main")[0]
            _ = try? await node.send("PING")
            try await eventually {
                let isFollowed = try await group.isPrimary(node.session?.endpoint)
                return isFollowed && !node.isOut
            }
            print("the servers took \(failover.length)")
            #expect(try ids.map { try pool.node(for: Page.key($0).text).name } == owners)
            #expect(try await Page.getMany(ids, on: pool) == ids.map { "\($0)" })
            for id in ids.prefix(20) { #expect(try await Tags(id, on: pool).contains("\(id)")) }
            #expect(try await group.master().command(keys).elements.count == own)
            #expect(try await fleet.servers[0].command(keys).elements.count == foreign)
        }
    }

    @Test("While it has no primary the other stands in, and nothing stale is read when there is one again")
    func standsIn() async throws {
        // A machine that stalls for a second must not make the sentinels fail over again: writes that the
        // first new primary got, and had not passed on, would be lost with it.
        try await withRing(.init(downAfter: .seconds(5))) { group, fleet, pool in
            var configuration = try PoolConfiguration(dsns: [group.dsn] + fleet.dsns)
            configuration.returnRules.lossMargin = .zero
            let other = try CachePool(configuration)
            let page = try (0...).lazy.map { Page($0, on: pool) }.first {
                try pool.node(for: $0.key.text).name == "main"
            }
            let watched = try #require(page)
            let same = Page(watched.key.text.dropFirst("page.".count).description, on: other)
            try await watched.set("before")
            #expect(try await same.get() == "before")
            let first = try await group.master()
            try await first.command("WAIT", "2", "20000", timeout: .seconds(30))
            first.kill()
            let nodes = [try pool.nodes(connection: "main")[0], try other.nodes(connection: "main")[0]]
            try await eventually { (try? await watched.get()) != nil || nodes[0].isOut }
            try await eventually {
                _ = try? await watched.get()
                _ = try? await same.get()
                return nodes.allSatisfy(\.isOut)
            }
            try await watched.set("meanwhile")
            #expect(try await same.get() == "meanwhile")
            try await group.waitForFailover(from: first)
            for node in nodes { try await eventually { !node.isOut } }
            // Neither has the value from before the outage.
            for pool in [watched, same] {
                let value = try await pool.get()
                #expect(value == nil || value == "meanwhile")
            }
            try await watched.set("after")
            #expect(try await same.get() == "after")
            await other.close()
        }
    }

    @Test("Clear, batches and transactions go on over a failover")
    func operations() async throws {
        try await withRing { group, _, pool in
            try await Page.setMany((0..<100).map { ($0, "x") }, on: pool)
            let first = try await group.master()
            try await first.command("WAIT", "2", "20000", timeout: .seconds(30))
            try await group.failOver()
            try await group.waitForFailover(from: first)
            let node = try pool.nodes(connection: "main")[0]
            try await eventually { try await group.isPrimary(node.session?.endpoint) }
            let (one, two) = try await pool.batch { b in
                (b.get(Page(1, on: pool)), b.get(Page(2, on: pool)))
            }
            #expect(one == "x" && two == "x")
            try await pool.transaction { t in
                t.set(Page("{t}1", on: pool), "1")
                t.set(Page("{t}2", on: pool), "2")
            }
            let report = try await pool.clear(matching: "page.*")
            #expect(try report.get() == 102)
            #expect(report.nodes.map(\.node) == ["main", "plain"])
        }
    }
}

extension LocalSentinelGroup {
    /// Whether the primary is there at present: on a machine that stalls there may be another failover at any
    /// time.
    fileprivate func isPrimary(_ endpoint: Endpoint?) async throws -> Bool {
        guard let port = (try? await master())?.port else { return false }
        return endpoint == .tcp(host: "127.0.0.1", port: port)
    }
}

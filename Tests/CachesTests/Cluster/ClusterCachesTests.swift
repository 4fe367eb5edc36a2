import Caches
import CachesCluster
import CachesTesting
import TestSupport
import Testing

/// The behaviour of caches that only clusters have.
@Suite("Caches on a cluster")
struct ClusterCachesTests {
    final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    final class ReplicaPage: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
        override class var reads: ReadPreference { .preferReplica }
    }

    final class Tags: SetCache<String>, @unchecked Sendable {
        override class var prefix: String { "tags" }
    }

    private func withPool(
        on cluster: LocalCluster, _ option: String? = nil, and others: [String] = [],
        _ body: (CachePool) async throws -> Void
    ) async throws {
        let dsn = option.map {
            cluster.dsn.replacing("#", with: (cluster.dsn.contains("?") ? "&" : "?") + $0 + "#")
        }
        let pool = try CachePool(PoolConfiguration(dsns: [dsn ?? cluster.dsn] + others).patient)
        do {
            try await body(pool)
            await pool.close()
        } catch {
            await pool.close()
            throw error
        }
    }

    @Test(
        "A class that prefers replicas reads from them, over TLS too; a task reads its writes at the master"
    )
    func replicas() async throws {
        let options = LocalServer.Options(transport: .tls())
        try await withLocalCluster(options: options, nodeTimeout: .seconds(10)) { cluster in
            try await withPool(on: cluster, "refresh-interval=100ms") { pool in
                for id in 0..<30 { try await Page(id, on: pool).set("v\(id)") }
                let masters = try await cluster.masters()
                let replicas = cluster.servers.filter { server in !masters.contains { $0 === server } }
                for replica in replicas {
                    try await eventually { try await replica.command("DBSIZE").integer ?? 0 > 0 }
                }
                // A master names a replica when it has heard from it, within half the node timeout.
                try await pool.discover()
                for id in 0..<30 {
                    try await eventually {
                        _ = try await Page(id, on: pool).exists()
                        return try pool.replica(of: pool.node(for: Page.key(id).text)) != nil
                    }
                }
                // A task whose number another writing task has had reads from owners for a while.
                try await eventually {
                    let before = (try await reads(on: masters), try await reads(on: replicas))
                    for id in 0..<30 { #expect(try await ReplicaPage(id, on: pool).get() == "v\(id)") }
                    return try await (reads(on: masters), reads(on: replicas)) == (before.0, before.1 + 30)
                }
                let before = try await reads(on: masters)
                // A separate task: this one reads its own writes, and nothing from the replica.
                try await Task {
                    try await ReplicaPage(1, on: pool).set("new")
                    #expect(try await ReplicaPage(1, on: pool).get() == "new")
                }.value
                #expect(try await reads(on: masters) == before + 1)
            }
        }
    }

    /// How many GETs servers have carried out.
    private func reads(on servers: [LocalServer]) async throws -> Int {
        var reads = 0
        for server in servers {
            let statistics = try await server.command("INFO", "commandstats").text ?? ""
            let calls = statistics.firstMatch(of: #/cmdstat_get:calls=(\d+)/#).flatMap { Int($0.1) }
            let rejected = statistics.firstMatch(of: #/cmdstat_get:.*rejected_calls=(\d+)/#).flatMap {
                Int($0.1)
            }
            #expect(rejected ?? 0 == 0 || calls != nil)
            reads += calls ?? 0
        }
        return reads
    }

    @Test("Sets in different slots are combined here, those in one slot by the server")
    func algebra() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .seconds(60)) { cluster in
            try await withPool(on: cluster) { pool in
                for keys in [["a", "b"], ["{t}a", "{t}b"], ["c", "z"]] {
                    let (one, other) = (Tags(keys[0], on: pool), Tags(keys[1], on: pool))
                    try await one.insert(contentsOf: ["x", "y"])
                    try await other.insert(contentsOf: ["y", "z"])
                    #expect(try await one.union(other) == ["x", "y", "z"])
                    #expect(try await one.intersection(other) == ["y"])
                    #expect(try await one.subtracting(other) == ["x"])
                    #expect(try await one.symmetricDifference(other) == ["x", "z"])
                    #expect(try await !one.isSubset(of: other))
                    #expect(try await !one.isDisjoint(with: other))
                }
            }
        }
    }

    @Test("A transaction is on one slot, and says which keys are not")
    func transactions() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .seconds(60)) { cluster in
            try await withPool(on: cluster) { pool in
                try await pool.transaction { t in
                    t.set(Page("{1}a", on: pool), "x")
                    t.add(Tags("{1}b", on: pool).inserting("y"))
                }
                #expect(try await Page("{1}a", on: pool).get() == "x")
                try await pool.discover()
                var spread: [CachesError] = []
                for id in 0..<50 {
                    do {
                        try await pool.transaction { t in
                            t.set(Page("{1}a", on: pool), "x")
                            t.set(Page(id, on: pool), "y")
                        }
                    } catch let error as CachesError { spread.append(error) }
                }
                #expect(spread.count == 50)
                #expect(
                    spread.allSatisfy {
                        $0.code == .invalidArgument && $0.advice?.contains("hash tag") == true
                    })
                // On one server, and in two slots.
                #expect(spread.contains { $0.message.contains("in different slots of the cluster") })
                #expect(spread.contains { $0.message.contains("on different nodes") })
                for id in 0..<50 { #expect(try await Page(id, on: pool).get() == nil, "nothing was sent") }
            }
        }
    }

    @Test("A transaction may begin before the owners of slots are known")
    func earlyTransaction() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .seconds(60)) { cluster in
            // Whichever of the three is asked first: two of the keys belong to others.
            for id in 0..<3 {
                try await withPool(on: cluster) { pool in
                    let deadline = ContinuousClock.now + .seconds(60)
                    try await pool.transaction { t in
                        t.set(Page("{\(id)}a", on: pool), "x")
                        // The first question has been asked by now, and is answered while the operations are
                        // added.
                        while try pool.nodes.count < 3, ContinuousClock.now < deadline {}
                        t.set(Page("{\(id)}b", on: pool), "y")
                    }
                    #expect(try await Page("{\(id)}b", on: pool).get() == "y")
                }
            }
        }
    }

    @Test("A cluster is one place of a ring: keys are spread over it and a server, also by names")
    func ring() async throws {
        try await withLocalFleet([LocalServer.Options(name: "alone")]) { fleet in
            try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .seconds(60)) { cluster in
                try await withPool(on: cluster, and: fleet.dsns) { pool in
                    try await pool.discover()
                    #expect(try pool.nodes.count == 4)
                    try await Page.setMany((0..<400).map { ($0, "v\($0)") }, on: pool)
                    #expect(try await Page.getMany(0..<400, on: pool) == (0..<400).map { "v\($0)" })
                    let alone = try await fleet.servers[0].command("DBSIZE").integer ?? 0
                    #expect((120...280).contains(alone), "about half")
                    #expect(try pool.nodes(connection: "cluster").count == 3)
                    #expect(try pool.nodes(connection: "alone").count == 1)
                    let pinned = Page("pinned", connection: "cluster", on: pool)
                    try await pinned.set("x")
                    #expect(try await fleet.servers[0].command("EXISTS", pinned.key.text) == .integer(0))
                    #expect(try await pool.clear(matching: "page.*").get() == 401)

                    // The cluster does not stand in for the server, and fetch returns the computed value.
                    let ids = try (0..<400).filter { try pool.node(for: Page.key($0).text).name == "alone" }
                    fleet.servers[0].kill()
                    try await eventually { try pool.nodes(connection: "alone")[0].isOut }
                    await #expect(throws: CachesError.self) { try await Page(ids[0], on: pool).get() }
                    #expect(try await Page(ids[0], on: pool).fetch { "computed" } == "computed")
                    let others = try (0..<400).filter {
                        try pool.node(for: Page.key($0).text).name != "alone"
                    }
                    for id in others.prefix(20) { try await Page(id, on: pool).set("still") }
                }
            }
        }
    }

    @Test("A server is outgrown by moving to a cluster while it is used: no call fails, and no read is stale")
    func outgrow() async throws {
        try await withLocalFleet([LocalServer.Options(name: "alone")]) { fleet in
            try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .seconds(60)) { cluster in
                let pool = try CachePool(PoolConfiguration(dsns: fleet.dsns).patient)
                let load = VersionLoad(pool, keys: 60)
                try await load.runs {
                    try await load.advances(by: 500)
                    let configuration = try PoolConfiguration(dsns: [cluster.dsn]).patient
                    let handOver = HandOver(notice: .seconds(60), window: .seconds(60))
                    try pool.reconfigure(to: configuration, handOver: handOver)
                    for _ in 0..<3 {
                        try await load.advances(by: 500)
                        pool.endStage()
                    }
                    try await load.advances(by: 500)
                }
                #expect(load.failures.isEmpty, "\(load.failures.prefix(3))")
                #expect(load.wrong.isEmpty, "\(load.wrong.prefix(3))")
                #expect(try await fleet.servers[0].command("DBSIZE").integer ?? 0 < 60 * 3)
                #expect(pool.handOver == nil)
                await pool.close()
            }
        }
    }
}

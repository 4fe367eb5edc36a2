import Caches
import CachesTesting
import Testing

/// The behaviour of a node that stands in for another meanwhile.
@Suite struct StandInTests {
    private final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    private final class Count: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "count" }
    }

    @Test(
        "It begins empty, has the values written there, for every program, and keeps them for a short time")
    func serves() async throws {
        try await withOutage { outage in
            func program() async throws -> CachePool {
                try await outage.program { $0.outagePolicy = .gutter(ttl: .seconds(60)) }
            }
            let (one, two) = (try await program(), try await program())
            try await Page(1, on: one).set("before")
            let (owner, standIn) = try outage.places(of: Page(1, on: one))
            owner.kill()
            for pool in [one, two] { try await pool.losesSight(of: owner) }

            let stoodIn = CacheCounters.stoodIn
            #expect(try await Page(1, on: one).get() == nil)
            #expect(try await !Page(1, on: one).exists())
            try await Page(1, on: one).set("meanwhile", ttl: .hours(1))
            #expect(try await Page(1, on: two).get() == "meanwhile")
            #expect(try await Page(1, on: two).getOrThrow() == "meanwhile")
            #expect(try await Page(1, on: two).isLeft(0...60))
            #expect(try await Page(1, on: two).touch(ttl: .hours(1)))
            #expect(try await Page(1, on: two).isLeft(0...60))
            #expect(try await Page(1, on: two).clear())
            #expect(try await Page(1, on: one).get() == nil)
            #expect(CacheCounters.stoodIn >= stoodIn + 9)

            let notes = try await standIn.command("HKEYS", "caches:journal:\(owner.name)").elements.map(
                \.text)
            #expect(notes == ["kpage.1"])
        }
    }

    @Test("No call notices the moment in which a server dies, one by one or many at once")
    func moment() async throws {
        try await withOutage { outage in
            let pool = try await outage.program()
            let ids = Array(0..<300)
            try await Page.setMany(ids.map { ($0, "x") }, on: pool)
            outage.fleet.servers[0].kill()
            let values = try await Page.getMany(ids, on: pool)
            for (id, value) in zip(ids, values) {
                let isOut = try pool.node(for: Page.key(id).text).name == outage.fleet.servers[0].name
                #expect(value == (isOut ? nil : "x"))
            }
            outage.fleet.servers[1].kill()
            // Two of three are out: that is panic, and no node stands in.
            try await pool.losesSight(of: outage.fleet.servers[1])
            await #expect(throws: CachesError.self) { try await Page.getMany(ids, on: pool) }
        }
    }

    @Test(
        "Many at once are written, read and removed there, while a server is dead or hangs",
        arguments: [true, false])
    func many(isDead: Bool) async throws {
        try await withOutage { outage in
            let pool = try await outage.program { $0.health.pingTimeout = .seconds(1) }
            if isDead {
                outage.fleet.servers[0].kill()
            } else {
                let server = outage.fleet.servers[0]
                let node = try pool.nodes(connection: ConnectionName(server.name))[0]
                server.pause()
                let late = await #expect(throws: CachesError.self) {
                    try await node.send("PING", deadline: .after(.milliseconds(100)))
                }
                #expect(late?.code == .timeout && late?.isOutage == true)
                try await pool.seesDown(server.name)
                // A call that finds a node out gets that error, and not the error of the call that found it
                // out.
                let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                #expect(error?.code == .unreachable && error?.isOutage == true)
            }
            let ids = Array(0..<300)
            try await Page.setMany(ids.map { ($0, "\($0)") }, on: pool)
            #expect(try await Page.getMany(ids, on: pool) == ids.map { "\($0)" })
            var batched: [BatchResult<String?>] = []
            try await pool.batch { b in for id in ids { batched.append(b.get(Page(id))) } }
            #expect(try batched.map { try $0.value } == ids.map { "\($0)" })
            #expect(try await Page.clearMany(ids.prefix(100), on: pool) == 100)
            #expect(try await Page.getMany(ids, on: pool).compactMap(\.self).count == 200)
        }
    }

    @Test("A function's results are kept there, so that they are not computed for each call")
    func fetch() async throws {
        try await withOutage { outage in
            let pool = try await outage.program()
            let cache = Page(1, on: pool)
            try outage.places(of: cache).owner.kill()
            var computed = 0
            for _ in 0..<5 {
                _ = try await cache.fetch {
                    computed += 1
                    return "made"
                }
            }
            #expect(computed == 1)
        }
    }

    @Test("Operations with no true answer without their server throw: counters, collections, gates and locks")
    func noStandIn() async throws {
        try await withOutage { outage in
            let pool = try await outage.program()
            let counter = Count(1, on: pool)
            let owner = try outage.places(of: counter).owner
            owner.kill()
            try await pool.losesSight(of: owner)
            let name = ConnectionName(owner.name)
            let set = SetCache<String>("s", connection: name, outagePolicy: .gutter, on: pool)
            let calls: [() async throws -> Void] = [
                { try await counter.increment() },
                { _ = try await set.contains("a") },
                { try await set.insert("a") },
                { _ = try await SentinelCache("g", connection: name, on: pool).claim() },
                { _ = try await LockCache("l", connection: name, on: pool).tryAcquire() },
                // On one server there is no other.
                { _ = try await Page(2, connection: name, on: pool).get() },
                { _ = try await Count(1, outagePolicy: .fail, on: pool).get() },
            ]
            for (index, call) in calls.enumerated() {
                let error = await #expect(throws: CachesError.self, "\(index)") { try await call() }
                #expect(error?.node == owner.name, "\(index)")
            }
        }
    }

    @Test("The policy is the object's, otherwise the class's, the pool's, or that of its kind")
    func policies() async throws {
        final class Failing: Cache<String>, @unchecked Sendable {
            override class var outagePolicy: OutagePolicy? { .fail }
        }
        let plain = try CachePool(["redis://127.0.0.1"])
        var configuration = try PoolConfiguration(environment: [
            "CACHES_DSN": "redis://h", "CACHES_POOL": "outage=miss",
        ])
        let missing = try CachePool(configuration)
        configuration.outagePolicy = .gutter(ttl: .seconds(1))
        #expect(Page(1, on: plain).outagePolicy == .gutter)
        #expect(SetCache<Int>(1, on: plain).outagePolicy == .fail)
        #expect(Page(1, on: missing).outagePolicy == .miss)
        #expect(SetCache<Int>(1, on: missing).outagePolicy == .miss)
        #expect(Failing(1, on: missing).outagePolicy == .fail)
        #expect(Failing(1, outagePolicy: .miss, on: plain).outagePolicy == .miss)
        #expect(try Page(1, on: CachePool(configuration)).outagePolicy == .gutter(ttl: .seconds(1)))
        #expect(OutagePolicy.gutter(ttl: .zero) == .gutter(ttl: .milliseconds(1)))
        #expect(OutagePolicy.gutter(ttl: .seconds(1 << 40)) == .gutter(ttl: .seconds(24 * 3600)))
    }
}

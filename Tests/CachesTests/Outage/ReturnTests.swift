import Caches
import CachesCluster
import CachesTesting
import TestSupport
import Testing

/// Reads from a server after an outage.
@Suite struct ReturnTests {
    private final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    /// A class whose prefix equals that of others up to its dot.
    private final class Profile: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "user.profile" }
    }

    /// The ways in which a server comes back.
    enum Return: String, CaseIterable, Sendable {
        case withData, empty, fromAPause

        func leave(_ server: LocalServer) { if self == .fromAPause { server.pause() } else { server.kill() } }

        func come(_ server: LocalServer) async throws {
            switch self {
            case .withData: try await server.restart(.itsData)
            case .empty: try await server.restart()
            case .fromAPause: server.resume()
            }
        }
    }

    /// A program that finds out soon that a server hangs, and whose calls to others a busy machine carries
    /// out in time.
    private func program(_ outage: Outage) async throws -> CachePool {
        try await outage.program {
            $0.deadline = .seconds(4)
            $0.health.pingTimeout = .seconds(1)
        }
    }

    /// Some pages that a server owns.
    private func pages(_ count: Int, on server: LocalServer, _ pool: CachePool) throws -> [Int] {
        let owned = try (0..<20 * count).filter { try pool.node(for: Page.key($0).text).name == server.name }
        return Array(owned.prefix(count))
    }

    @Test(
        "No reader that saw the outage reads a value older than the writes during it",
        arguments: Return.allCases)
    func notStale(way: Return) async throws {
        try await withOutage { outage in
            var pools: [CachePool] = []
            for _ in 0..<4 { pools.append(try await program(outage)) }
            let owner = outage.fleet.servers[0]
            let ids = try pages(30, on: owner, pools[0])
            for id in ids { try await Page(id, on: pools[0]).set("before") }
            way.leave(owner)
            for pool in pools {
                while !(try pool.nodes[0].isOut) { _ = try? await Page(ids[0], on: pool).get() }
            }
            // A third is written, a third removed, a third left alone.
            for id in ids where id % 3 == 0 { try await Page(id, on: pools[id % 4]).set("during") }
            for id in ids where id % 3 == 1 { try await Page(id, on: pools[id % 4]).clear() }
            try await way.come(owner)
            for pool in pools.shuffled() {
                try await pool.seesAgain(owner)
                for id in ids {
                    let kept = id % 3 == 2 && way != .empty ? "before" : nil
                    let value = try await Page(id, on: pool).get()
                    #expect(value == kept || value == nil, "\(id)")
                    // If a busy machine did not look in time, the key is in doubt for some seconds.
                    try await eventually { try await Page(id, on: pool).get() == kept }
                }
            }
            for id in ids { try await Page(id, on: pools[0]).set("after") }
            for pool in pools { #expect(try await Page.getMany(ids, on: pool) == ids.map { _ in "after" }) }
            for server in outage.fleet.servers {
                #expect(try await server.command("EXISTS", "caches:journal:\(owner.name)") == .integer(0))
                let copies = try await server.command("KEYS", "caches:gutter:*").elements
                #expect(copies.isEmpty)
            }
        }
    }

    @Test("Writes that were dropped are noted, too")
    func dropped() async throws {
        try await withOutage { outage in
            let pool = try await program(outage)
            let cache = Page(1, outagePolicy: .miss, on: pool)
            try await cache.set("before")
            let owner = try outage.places(of: cache).owner
            owner.kill()
            try await pool.losesSight(of: owner)
            let dropped = CacheCounters.dropped
            try await cache.set("dropped")
            #expect(CacheCounters.dropped > dropped)
            #expect(try await cache.get() == nil)
            try await owner.restart(.itsData)
            try await pool.seesAgain(owner)
            #expect(try await cache.get() == nil)
        }
    }

    @Test("A program that ends while it holds the fence stops others only until the fence expires")
    func fenceIsHeld() async throws {
        try await withOutage { outage in
            let pool = try await program(outage)
            let cache = Page(1, on: pool)
            try await cache.set("before")
            let owner = try outage.places(of: cache).owner
            owner.kill()
            try await pool.losesSight(of: owner)
            try await cache.set("during")
            try await owner.restart(.itsData)
            try await owner.command("SET", "caches:fence:\(owner.name)", "somebody", "PX", "500")
            try await pool.seesAgain(owner)
            #expect(try await cache.get() == nil)
        }
    }

    @Test("An outage soon after the return is the same outage: the next return deals with the notes")
    func secondOutage() async throws {
        try await withOutage { outage in
            let pool = try await program(outage)
            let cache = Page(1, on: pool)
            try await cache.set("before")
            let owner = try outage.places(of: cache).owner
            owner.kill()
            try await pool.losesSight(of: owner)
            try await cache.set("during")
            try await owner.restart(.itsData)
            // Another program holds the fence, and goes on to: the notes are not dealt with, and the keys
            // stay in doubt.
            let holder = Task {
                while !Task.isCancelled {
                    _ = try? await owner.command(
                        "SET", "caches:fence:\(owner.name)", "somebody", "PX", "1000")
                }
            }
            try await pool.seesAgain(owner)
            let node = try pool.nodes(connection: ConnectionName(owner.name))[0]
            #expect(node.isInDoubt)
            #expect(try await cache.get() == nil)
            holder.cancel()
            await holder.value
            owner.kill()
            try await pool.losesSight(of: owner)
            #expect(try await cache.get() == "during")
            try await owner.restart(.itsData)
            try await owner.command("DEL", "caches:fence:\(owner.name)")
            try await pool.seesAgain(owner)
            try await eventually { !node.isInDoubt }
            #expect(try await cache.get() == nil)
            #expect(try await owner.command("EXISTS", cache.key.text) == .integer(0))
        }
    }

    @Test("A client that learns of the return from a stand-in asks the server at once, and uses it")
    func toldByStandIn() async throws {
        try await withOutage { outage in
            let quick = try await program(outage)
            let slow = try await outage.program {
                $0.health.firstRetry = .milliseconds(100)
                $0.health.retryCap = .seconds(3600)
            }
            let owner = try outage.places(of: Page(1, on: quick)).owner
            owner.kill()
            for pool in [quick, slow] { try await pool.losesSight(of: owner) }
            let node = try slow.nodes(connection: ConnectionName(owner.name))[0]
            // By now it would ask again in minutes.
            try await eventually { node.counters.pings > 4 }
            try await Page(1, on: slow).set("during")
            try await owner.restart(.itsData)
            try await quick.seesAgain(owner)
            try await Page(1, on: slow).set("after")
            #expect(!node.isOut)
            #expect(try await Page(1, on: quick).get() == "after")
        }
    }

    @Test("A server that fails again soon has stand-ins again, for clients that saw it return")
    func flaps() async throws {
        try await withOutage { outage in
            let pool = try await program(outage)
            let cache = Page(1, on: pool)
            let owner = try outage.places(of: cache).owner
            for round in 0..<3 {
                owner.kill()
                try await pool.losesSight(of: owner)
                try await cache.set("during \(round)")
                #expect(try await cache.get() == "during \(round)")
                try await owner.restart(.itsData)
                try await pool.seesAgain(owner)
                #expect(try await cache.get() == nil)
                try await cache.set("after \(round)")
            }
        }
    }

    @Test("A program that returns later ends no values that a node has kept since another one returned")
    func laterReturn() async throws {
        try await withOutage { outage in
            let first = try await program(outage)
            let proxies = try outage.proxies()
            let later = try await outage.program(by: proxies) { $0.health.retryCap = .milliseconds(500) }
            let cache = Page(1, on: first)
            let (owner, standIn) = try outage.places(of: cache)
            standIn.kill()
            for pool in [first, later] { try await pool.losesSight(of: standIn) }
            let position = try #require(outage.fleet.servers.firstIndex { $0 === standIn })
            proxies[position].fault = .refuse
            try await standIn.restart(.itsData)
            try await first.seesAgain(standIn)
            owner.kill()
            try await first.losesSight(of: owner)
            try await cache.set("elsewhere")
            #expect(try await cache.get() == "elsewhere")
            proxies[position].fault = .none
            try await later.seesAgain(standIn)
            #expect(try await cache.get() == "elsewhere")
        }
    }

    @Test("One stand-in that lost its notes costs nothing: the other has them")
    func lostNotes() async throws {
        try await withOutage { outage in
            let (one, two) = (try await program(outage), try await program(outage))
            let cache = Page(1, on: one)
            let (owner, standIn) = try outage.places(of: cache)
            let ids = try pages(20, on: owner, one)
            for id in ids { try await Page(id, on: one).set("before") }
            try await cache.set("before")
            owner.kill()
            for pool in [one, two] { try await pool.losesSight(of: owner) }
            try await cache.set("during")
            standIn.kill()
            for pool in [one, two] { try await pool.losesSight(of: standIn) }
            try await standIn.restart()
            for pool in [one, two] { try await pool.seesAgain(standIn) }
            try await owner.restart(.itsData)
            for pool in [one, two] {
                try await pool.seesAgain(owner)
                #expect(try await Page(1, on: pool).get() == nil)
                for id in ids where id != 1 { #expect(try await Page(id, on: pool).get() == "before") }
            }
        }
    }

    @Test("When there are too many notes, all keys of the class go, and no others")
    func scopes() async throws {
        try await withOutage { outage in
            let pool = try await program(outage)
            let owner = outage.fleet.servers[0]
            let owned = try (0..<200).filter { try pool.node(for: Profile.key($0).text).name == owner.name }
            let ids = Array(owned.prefix(10))
            for id in ids { try await Profile(id, on: pool).set("before") }
            try await owner.command(
                "MSET", "user.session.1", "other", "user.profiles.1", "other", "caches:fence:other", "x")
            owner.kill()
            try await pool.losesSight(of: owner)
            let (journal, standIn) = ("caches:journal:\(owner.name)", outage.fleet.servers[1])
            try await fill(journal, upTo: 100_000, on: standIn)
            let standsInFirst = try ids.first { id in
                try pool.failoverOrder(of: Profile.key(id).text)[1].name == standIn.name
            }
            try await Profile(try #require(standsInFirst), on: pool).set("during")
            #expect(try await standIn.command("HEXISTS", journal, "suser.profile.") == .integer(1))
            try await owner.restart(.itsData)
            try await pool.seesAgain(owner)
            // The other holder of the note was read: nothing is in doubt, and the class goes in the
            // background.
            let node = try pool.nodes(connection: ConnectionName(owner.name))[0]
            try await eventually { try await standIn.command("EXISTS", journal) == .integer(0) }
            try await eventually { !node.isInDoubt }
            for id in ids { #expect(try await Profile(id, on: pool).get() == nil) }
            #expect(
                try await owner.command("EXISTS", "user.session.1", "user.profiles.1", "caches:fence:other")
                    == .integer(3))
        }
    }

    @Test("A journal without room refuses the write, and says why")
    func full() async throws {
        try await withOutage { outage in
            let pool = try await program(outage)
            let owner = outage.fleet.servers[0]
            let id = try pages(1, on: owner, pool)[0]
            owner.kill()
            try await pool.losesSight(of: owner)
            for server in outage.fleet.servers.dropFirst() {
                try await fill("caches:journal:\(owner.name)", upTo: 101_000, on: server)
            }
            let error = await #expect(throws: CachesError.self) { try await Page(id, on: pool).set("during") }
            #expect(error?.isOutage == true && error?.message.contains("takes no more") == true)
            #expect(error?.node == owner.name)
        }
    }

    /// Fills a journal with notes of keys that do not exist.
    private func fill(_ journal: String, upTo count: Int, on server: LocalServer) async throws {
        try await server.command(
            "EVAL",
            "for i = 1, ARGV[1] do redis.call('HSET', KEYS[1], 'knone.' .. i, '1') end redis.call('PEXPIRE', KEYS[1], 600000)",
            "1", journal, "\(count)", timeout: .seconds(60))
    }

    @Test("A late write to a stand-in that hung is not read in the next outage")
    func lateWrite() async throws {
        try await withOutage(nodes: 5) { outage in
            let pool = try await program(outage)
            let cache = Page(1, on: pool)
            let (owner, standIn) = try outage.places(of: cache)
            owner.kill()
            try await pool.losesSight(of: owner)
            try await cache.set("first")
            standIn.pause()
            let late = await #expect(throws: CachesError.self) {
                try await Page(1, deadline: .milliseconds(100), on: pool).set("late")
            }
            #expect(late?.code == .timeout)
            try await pool.losesSight(of: standIn)
            try await cache.set("newer")
            #expect(try await cache.get() == "newer")
            standIn.resume()
            try await pool.seesAgain(standIn)
            #expect(try await cache.get() == nil)
        }
    }

    @Test("A user that may not run scripts gets no stand-in, and the server back")
    func leastRights() async throws {
        let options = LocalServer.Options(
            access: .user("app", password: "x", rules: "~* &* +get +set +ping +select"), keepsData: true)
        try await withLocalFleet(nodes: 3, options: options) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            for node in try pool.nodes { _ = try await node.send("PING") }
            let cache = Page(1, on: pool)
            try await cache.set("before", ttl: .forever)
            let owner = try #require(fleet[try pool.node(for: cache.key.text).name])
            owner.kill()
            try await pool.losesSight(of: owner)
            await #expect(throws: CachesError.self) { try await cache.get() }
            try await owner.restart(.itsData)
            try await pool.seesAgain(owner)
            #expect(try await cache.get() == "before")
            await pool.close()
        }
    }
}

import Caches
import CachesCluster
import CachesTesting
import TestSupport
import Testing

/// A bad moment of one program costs the servers, and all others that use them, nothing.
@Suite struct InnocentLossTests {
    private final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    /// Keys of others on the servers.
    private struct Belongings {
        let pool: CachePool
        let outage: Outage

        static let count = 60

        func bring() async throws {
            try await Page.setMany((0..<Self.count).map { ($0, "value \($0)") }, on: pool)
            for number in 0..<Self.count {
                #expect(try await claim(number).claim())
                #expect(try await counter(number).increment(by: 5) == 5)
            }
            for server in outage.fleet.servers {
                try await server.command("SET", "other-program:session:1", "x")
                try await server.command("HSET", "other-program:cart:1", "a", "1")
            }
        }

        func areThere() async throws {
            let values = try await Page.getMany(0..<Self.count, on: pool)
            #expect(values == (0..<Self.count).map { "value \($0)" })
            for number in 0..<Self.count {
                #expect(try await !claim(number).claim(), "claim \(number) can be made again")
                #expect(try await counter(number).increment(by: 0) == 5)
            }
            for server in outage.fleet.servers {
                #expect(
                    try await server.command("EXISTS", "other-program:session:1", "other-program:cart:1")
                        == .integer(2))
            }
        }

        private func claim(_ number: Int) -> SentinelCache { SentinelCache(number, ttl: .days(1), on: pool) }

        private func counter(_ number: Int) -> Cache<Int> { Cache<Int>(number, prefix: "count", on: pool) }
    }

    private func test(
        nodes: Int, _ body: (Outage, CachePool, [FaultProxy]) async throws -> Void
    ) async throws {
        try await withOutage(nodes: nodes) { outage in
            let belongings = Belongings(pool: try await outage.program(), outage: outage)
            try await belongings.bring()
            let proxies = try outage.proxies()
            // A program that only reads, and finds out soon. It takes it for possible that servers have lost
            // something.
            let reader = try await outage.program(by: proxies) {
                $0.returnRules.lossMargin = nil
                $0.health.pingTimeout = .seconds(1)
                $0.health.retryCap = .milliseconds(500)
            }
            _ = try await Page.getMany(0..<Belongings.count, on: reader)
            try await body(outage, reader, proxies)
            try await belongings.areThere()
            // Everything is used again, and read.
            for server in outage.fleet.servers { try await reader.seesAgain(server) }
            try await eventually { try !reader.nodes.contains { $0.isInDoubt } }
            let values = try await Page.getMany(0..<Belongings.count, on: reader)
            #expect(values == (0..<Belongings.count).map { "value \($0)" })
        }
    }

    private func isOut(_ pool: CachePool, _ position: Int) throws -> Bool { try pool.nodes[position].isOut }

    @Test("A program that loses some servers for a moment removes nothing from them", arguments: [2, 3, 5])
    func severalAtOnce(nodes: Int) async throws {
        try await test(nodes: nodes) { outage, reader, proxies in
            let lost = 0..<max(2, nodes / 2)
            for position in lost { proxies[position].fault = .refuse }
            try await eventually { try lost.allSatisfy { try isOut(reader, $0) } }
            for position in lost { proxies[position].fault = .none }
            try await eventually { try lost.allSatisfy { try !isOut(reader, $0) } }
        }
    }

    @Test("A program that loses a server while another closes its connection removes nothing either")
    func connectionKilled() async throws {
        try await test(nodes: 3) { outage, reader, proxies in
            proxies[0].fault = .refuse
            try await eventually { try isOut(reader, 0) }
            for server in outage.fleet.servers.dropFirst() {
                let connections = try reader.nodes[1].counters.connections
                try await server.command("CLIENT", "KILL", "TYPE", "normal")
                _ = try? await reader.nodes[1].send("PING")
                _ = try? await reader.nodes[2].send("PING")
                _ = connections
            }
            try await eventually { try reader.nodes.dropFirst().allSatisfy { $0.counters.connections > 1 } }
            proxies[0].fault = .none
            try await eventually { try !isOut(reader, 0) }
        }
    }

    @Test("A program that can't reach a server any more while another returns to it removes nothing either")
    func oneStaysAway() async throws {
        try await test(nodes: 3) { outage, reader, proxies in
            proxies[0].fault = .refuse
            proxies[1].fault = .blackHole(.both)
            try await eventually { try isOut(reader, 0) }
            _ = try? await reader.nodes[1].send("PING", deadline: .after(.milliseconds(100)))
            try await eventually { try isOut(reader, 1) }
            proxies[0].fault = .none
            // Used again, though the other does not answer.
            try await eventually { try !isOut(reader, 0) }
            #expect(try isOut(reader, 1))
            proxies[1].fault = .none
        }
    }

    @Test(
        "A program with more load than it lets wait, at all servers at once, removes nothing either")
    func ownLoad() async throws {
        try await test(nodes: 2) { outage, _, _ in
            let program = try await outage.program {
                for index in $0.nodes.indices { $0.nodes[index].connection.maximumCommandsInFlight = 50 }
                $0.health.pingInterval = .milliseconds(20)
                $0.health.retryCap = .milliseconds(500)
            }
            let pings = try program.nodes.map(\.counters.pings)
            for server in outage.fleet.servers { server.pause() }
            let calls = (0..<400).map { id in Task { _ = try? await Page(id, on: program).get() } }
            // Calls that would wait are refused, and so would be the signs of life.
            try await eventually { try program.nodes.allSatisfy { $0.counters.failures > 0 } }
            try await eventually {
                try zip(program.nodes, pings).allSatisfy { $0.counters.pings > $1 || $0.isOut }
            }
            for server in outage.fleet.servers { server.resume() }
            for call in calls { await call.value }
            for server in outage.fleet.servers { try await program.seesAgain(server) }
            #expect(try program.nodes.allSatisfy { $0.counters.ejections == 0 })
        }
    }

    @Test("Keys written in place of a server are removed from it, and no others")
    func noted() async throws {
        try await withOutage { outage in
            let pool = try await outage.program { $0.health.retryCap = .milliseconds(500) }
            let belongings = Belongings(pool: try await outage.program(), outage: outage)
            try await belongings.bring()
            let owner = outage.fleet.servers[0]
            let own = try (1000..<1100).filter { try pool.node(for: Page.key($0).text).name == owner.name }
            for id in own { try await Page(id, on: pool).set("before") }
            owner.kill()
            try await pool.losesSight(of: owner)
            for id in own { try await Page(id, on: pool).set("during") }
            try await owner.restart(.itsData)
            try await pool.seesAgain(owner)
            #expect(try await Page.getMany(own, on: pool) == own.map { _ in nil })
            try await belongings.pool.seesAgain(owner)
            try await belongings.areThere()
        }
    }

    @Test("Journals and marks that others made or spoilt keep no server out, and cost it nothing")
    func forged() async throws {
        try await withOutage { outage in
            let pool = try await outage.program { $0.health.retryCap = .milliseconds(500) }
            let belongings = Belongings(pool: try await outage.program(), outage: outage)
            try await belongings.bring()
            let (owner, others) = (outage.fleet.servers[0], outage.fleet.servers.dropFirst())
            owner.kill()
            try await pool.losesSight(of: owner)
            try await belongings.pool.losesSight(of: owner)
            let (journal, back) = ("caches:journal:\(owner.name)", "caches:back:\(owner.name)")
            try await others[1].command("SET", journal, "x")
            try await others[1].spoil(back)
            // A note of everything, as older versions wrote them, and one of a single key: without an end.
            try await others[2].command(
                "HSET", journal, "s", "1", "spage.", "1", "kother-program:session:1", "1")
            try await others[2].command("SET", "caches:memory", "")
            try await owner.restart(.itsData)
            try await owner.spoil("caches:generation")
            for program in [pool, belongings.pool] {
                try await program.seesAgain(owner)
                let node = try program.nodes(connection: ConnectionName(owner.name))[0]
                try await eventually { !node.isInDoubt }
            }
            try await belongings.areThere()
            for server in others {
                #expect(try await server.command("EXISTS", journal) == .integer(0))
                try await eventually { try await server.command("TYPE", back) == .status("string") }
            }
        }
    }

    @Test(
        "While a server is out, others write in its place, even if notes were spoilt or marks were left for ever"
    )
    func forgedMeanwhile() async throws {
        try await withOutage { outage in
            let pool = try await outage.program { $0.health.retryCap = .milliseconds(500) }
            let cache = Page("spoilt", on: pool)
            let owner = try outage.places(of: cache).owner
            owner.kill()
            _ = try? await cache.get()
            try await pool.losesSight(of: owner)
            let (journal, back) = ("caches:journal:\(owner.name)", "caches:back:\(owner.name)")
            for server in outage.fleet.servers where server.name != owner.name {
                try await server.spoil(journal)
                try await server.spoil("caches:generation")
                try await server.command("SET", back, "for ever")
            }
            try await cache.set("stored elsewhere")
            #expect(try await cache.get() == "stored elsewhere")
            for server in outage.fleet.servers where server.name != owner.name {
                #expect(try await server.command("TYPE", journal) == .status("hash"))
                try await server.command("DEL", "caches:generation")
                try await server.command("HSET", "caches:generation", "a", "b")
                try await server.command("PEXPIRE", "caches:generation", "86300000")
            }
            try await owner.restart(.itsData)
            // Another client holds the lock of the work, for ever.
            try await owner.command("SET", "caches:fence:\(owner.name)", "x")
            try await pool.seesAgain(owner)
            let node = try pool.nodes(connection: ConnectionName(owner.name))[0]
            try await eventually { !node.isInDoubt }
            for server in outage.fleet.servers where server.name != owner.name {
                try await eventually { try await server.command("EXISTS", journal) == .integer(0) }
            }
        }
    }
}

extension LocalServer {
    /// Changes a key to a type that no part of the library uses, whatever its value was: programs may have
    /// written it by now.
    fileprivate func spoil(_ key: String) async throws {
        try await command(
            "EVAL", "redis.call('DEL', KEYS[1]) return redis.call('RPUSH', KEYS[1], 'x')", "1", key)
    }
}

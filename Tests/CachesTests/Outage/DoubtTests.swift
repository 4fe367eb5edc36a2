import Caches
import CachesCluster
import CachesTesting
import TestSupport
import Testing

/// A server that is used again before it is known for all its keys whether a newer value was written
/// elsewhere.
@Suite struct DoubtTests {
    private final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    private final class Count: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    /// A program that can't ask the holders of notes about an outage.
    private struct Reader {
        let pool: CachePool
        let node: Node
        let proxies: [FaultProxy]

        /// Whether the others can be asked.
        func letAsk(_ can: Bool) {
            for proxy in proxies.dropFirst() { proxy.fault = can ? .none : .blackHole(.both) }
        }
    }

    /// Runs a test with a server that is back, three of its keys with values, the first of which was written
    /// elsewhere meanwhile, and some programs that are in doubt about them.
    private func withDoubt(
        readers count: Int = 1, nodes: Int = 3, retryCap: Duration = .milliseconds(500),
        _ test: (LocalServer, [Int], CachePool, [Reader]) async throws -> Void
    ) async throws {
        try await withOutage(nodes: nodes) { outage in
            // It must not return by itself: the readers have to find its notes.
            let writer = try await outage.program {
                $0.health.firstRetry = .seconds(3600)
                $0.health.retryCap = .seconds(3600)
            }
            let owner = outage.fleet.servers[0]
            let own = try (0..<100).filter { try writer.node(for: Page.key($0).text).name == owner.name }
            for id in own { try await Page(id, on: writer).set("before") }
            var readers: [Reader] = []
            for _ in 0..<count {
                let proxies = try outage.proxies()
                let pool = try await outage.program(by: proxies) {
                    $0.health.pingTimeout = .seconds(1)
                    $0.health.retryCap = retryCap
                }
                let node = try pool.nodes(connection: ConnectionName(owner.name))[0]
                readers.append(Reader(pool: pool, node: node, proxies: proxies))
            }
            owner.kill()
            for pool in [writer] + readers.map(\.pool) { try await pool.losesSight(of: owner) }
            try await Page(own[0], on: writer).set("during")
            for reader in readers { reader.letAsk(false) }
            try await owner.restart(.itsData)
            for reader in readers {
                try await reader.pool.seesAgain(owner)
                #expect(reader.node.isInDoubt)
            }
            try await test(owner, own, writer, readers)
        }
    }

    @Test(
        "A key in doubt is not read, unless it was written since; notes of others are found as soon as they answer"
    )
    func untilTheyAnswer() async throws {
        try await withDoubt { owner, ids, _, readers in
            let (reader, pool) = (readers[0], readers[0].pool)
            let doubted = CacheCounters.doubted
            #expect(try await Page(ids[0], on: pool).get() == nil)
            #expect(try await Page(ids[1], on: pool).get() == nil)
            #expect(try await !Page(ids[1], on: pool).exists())
            #expect(try await Page(ids[1], on: pool).timeLeft() == .missing)
            // It would keep an old value for longer.
            #expect(try await !Page(ids[1], on: pool).touch(ttl: .hours(1)))
            #expect(CacheCounters.doubted >= doubted + 5)
            #expect(try await owner.command("GET", Page.key(ids[0]).text).text == "before")

            try await Page(ids[1], on: pool).set("new")
            #expect(try await Page(ids[1], on: pool).get() == "new")
            #expect(try await Page(ids[1], on: pool).touch(ttl: .hours(1)))
            #expect(try await Page(ids[2], on: pool).clear())
            #expect(try await Page(ids[2], on: pool).get() == nil)
            #expect(try await Page(ids[3], on: pool).fetch { "computed" } == "computed")
            #expect(try await Page(ids[3], on: pool).get() == "computed")

            reader.letAsk(true)
            try await eventually { !reader.node.isInDoubt }
            #expect(try await owner.command("EXISTS", Page.key(ids[0]).text) == .integer(0))
            let values = try await Page.getMany(ids, on: pool)
            #expect(values == [nil, "new", nil, "computed"] + ids.dropFirst(4).map { _ in "before" })
        }
    }

    @Test("Calls that need a true answer fail, and say why; classes that fail in outages were never in doubt")
    func fail() async throws {
        try await withDoubt { owner, ids, _, readers in
            let pool = readers[0].pool
            try await owner.command("SET", Page.key(ids[1]).text, "7")
            let error = await #expect(throws: CachesError.self) {
                try await Count(ids[1], on: pool).increment()
            }
            #expect(error?.isOutage == true && error?.node == owner.name)
            #expect(error?.message.contains(Page.key(ids[1]).text) == true)
            #expect(try await owner.command("GET", Page.key(ids[1]).text).text == "7")

            try await Count(ids[1], on: pool).set(8)
            #expect(try await Count(ids[1], on: pool).increment() == 9)
            #expect(try await Page(ids[2], outagePolicy: .fail, on: pool).get() == "before")
            #expect(try await Page(ids[2], outagePolicy: .miss, on: pool).get() == nil)
        }
    }

    @Test("Many at once, batches and transactions go the same way")
    func many() async throws {
        try await withDoubt { owner, ids, _, readers in
            let pool = readers[0].pool
            let doubtful = Array(ids.prefix(6))
            #expect(try await Page.getMany(doubtful, on: pool) == doubtful.map { _ in nil })
            try await Page.setMany(doubtful.dropFirst(3).map { ($0, "new") }, on: pool)
            #expect(try await Page.getMany(doubtful, on: pool) == [nil, nil, nil, "new", "new", "new"])
            #expect(try await Page.clearMany([ids[3]], on: pool) == 1)
            let (old, new, cleared) = try await pool.batch { b in
                (b.get(Page(ids[0], on: pool)), b.get(Page(ids[4], on: pool)), b.get(Page(ids[3], on: pool)))
            }
            #expect(old == nil && new == "new" && cleared == nil)
            let (_, written) = try await pool.batch { b in
                (b.set(Page(ids[0], on: pool), "batched"), b.get(Page(ids[0], on: pool)))
            }
            #expect(written == "batched")
            let error = await #expect(throws: CachesError.self) {
                try await pool.transaction { t in t.get(Page(ids[1], on: pool)) }
            }
            #expect(error?.isOutage == true)
            let kept = try await pool.transaction { t in t.get(Page(ids[1], outagePolicy: .fail, on: pool)) }
            #expect(kept == "before")
        }
    }

    @Test("A program in doubt reads the value that another one writes in doubt")
    func shared() async throws {
        try await withDoubt(readers: 2) { _, ids, _, readers in
            try await Page(ids[1], on: readers[0].pool).set("new")
            #expect(try await Page(ids[1], on: readers[1].pool).get() == "new")
            #expect(try await Page(ids[2], on: readers[1].pool).get() == nil)
        }
    }

    @Test("The doubt ends by itself, and removes nothing", arguments: [2, 3])
    func bound(nodes: Int) async throws {
        try await withDoubt(nodes: nodes, retryCap: .milliseconds(100)) { owner, ids, _, readers in
            let reader = readers[0]
            #expect(try await Page(ids[1], on: reader.pool).get() == nil)
            try await eventually { !reader.node.isInDoubt }
            for id in ids.dropFirst() { #expect(try await Page(id, on: reader.pool).get() == "before") }
            // A value that was written meanwhile is found when some holder answers, however late.
            reader.letAsk(true)
            try await eventually { try await owner.command("EXISTS", Page.key(ids[0]).text) == .integer(0) }
            for id in ids.dropFirst() { #expect(try await Page(id, on: reader.pool).get() == "before") }
        }
    }

    @Test("The program that wrote remembers its write, also if no holder of its note answers")
    func ownWrites() async throws {
        try await withOutage(nodes: 2) { outage in
            let proxies = try outage.proxies()
            let pool = try await outage.program(by: proxies) {
                $0.health.pingTimeout = .seconds(1)
                $0.health.retryCap = .milliseconds(100)
            }
            let owner = outage.fleet.servers[0]
            let own = try (0..<40).filter { try pool.node(for: Page.key($0).text).name == owner.name }
            for id in own { try await Page(id, on: pool).set("before") }
            owner.kill()
            try await pool.losesSight(of: owner)
            try await Page(own[0], on: pool).set("during")
            proxies[1].fault = .refuse
            try await owner.restart(.itsData)
            try await pool.seesAgain(owner)
            #expect(try await owner.command("EXISTS", Page.key(own[0]).text) == .integer(0))
            let node = try pool.nodes[0]
            try await eventually { !node.isInDoubt }
            #expect(try await Page(own[0], on: pool).get() == nil)
            for id in own.dropFirst() { #expect(try await Page(id, on: pool).get() == "before") }
        }
    }

    @Test(
        "Servers that were restarted without their notes leave a doubt, and innocent keys keep their values")
    func bothLost() async throws {
        try await withOutage { outage in
            let pool = try await outage.program {
                $0.health.pingTimeout = .seconds(1)
                $0.health.retryCap = .milliseconds(100)
            }
            let owner = outage.fleet.servers[0]
            let own = try (0..<40).filter { try pool.node(for: Page.key($0).text).name == owner.name }
            for id in own { try await Page(id, on: pool).set("before") }
            let node = try pool.nodes[0]
            owner.kill()
            try await pool.losesSight(of: owner)
            for server in outage.fleet.servers.dropFirst() {
                // Nobody can tell which notes were lost before any client knows of the outage.
                try await eventually { try await server.command("EXISTS", "caches:memory") == .integer(1) }
                try await server.command("FLUSHALL")
            }
            try await owner.restart(.itsData)
            try await pool.seesAgain(owner)
            #expect(node.isInDoubt)
            #expect(try await Page(own[0], on: pool).get() == nil)
            try await eventually { !node.isInDoubt }
            #expect(try await Page.getMany(own, on: pool) == own.map { _ in "before" })
        }
    }
}

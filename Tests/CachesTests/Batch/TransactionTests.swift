import Caches
import CachesTesting
import TestSupport
import Testing

@Suite("Transactions on real servers", .timeLimit(.minutes(10)))
struct TransactionTests {
    @Test("Operations of any classes on one node, with typed results", arguments: Servers.kinds)
    func mixed(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let hits = Cache<Int>(
                "{t}", "hits", prefix: "transaction", ttl: .seconds(100), connection: servers.connection)
            let seen = SetCache<Int>(
                "{t}", "seen", prefix: "transaction", ttl: .seconds(100), connection: servers.connection)
            let name = Cache<String>("{t}", "name", prefix: "transaction", connection: servers.connection)
            try await name.clear()
            let (_, _, count, inserted, elements, got, _) = try await pool.transaction { t in
                (
                    t.clear(hits), t.clear(seen), t.increment(hits, by: 2), t.add(seen.inserting(1)),
                    t.add(seen.copying()),
                    t.get(name), t.set(name, "al")
                )
            }
            #expect(count == 2)
            #expect(inserted)
            #expect(elements == [1])
            #expect(got == nil)
            #expect(try await seen.isLeft(90...100))
            let again = try await pool.transaction { t in t.get(name) }
            #expect(again == "al")
        }
    }

    @Test("No command of another client comes in between", arguments: Servers.kinds)
    func isolation(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let one = Cache<Int>("{i}", 1, prefix: "transaction", connection: servers.connection)
            let two = Cache<Int>("{i}", 2, prefix: "transaction", connection: servers.connection)
            try await pool.batch { b in
                b.clear(one)
                b.clear(two)
            }
            try await withThrowingTaskGroup { group in
                for _ in 0..<200 {
                    group.addTask {
                        let (a, b) = try await pool.transaction { t in (t.increment(one), t.increment(two)) }
                        #expect(a == b)
                    }
                    group.addTask {
                        let (a, b) = try await pool.transaction { t in (t.get(one), t.get(two)) }
                        #expect(a == b)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await two.get() == 200)
        }
    }

    @Test("Keys on different nodes are an error that names them, and nothing is sent")
    func spread() async throws {
        try await Servers.three.run { _ in
            let pool = try #require(CachePool.current)
            let caches = (0..<50).map { Cache<Int>($0, prefix: "transactionSpread") }
            for cache in caches { try await cache.clear() }
            let error = await #expect(throws: CachesError.self) {
                try await pool.transaction { t in for cache in caches { t.set(cache, 1) } }
            }
            #expect(error?.code == .invalidArgument)
            for node in try pool.nodes { #expect(error?.message.contains(node.name) == true) }
            #expect(error?.message.contains("transactionSpread.0") == true)
            for cache in caches { #expect(try await cache.exists() == false) }
        }
    }

    @Test("An operation that can't be sent stops the whole transaction", arguments: Servers.kinds)
    func refusal(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let cache = Cache<Int>("refused", prefix: "transaction", connection: servers.connection)
            try await cache.clear()
            await #expect(throws: CachesError.self) {
                try await pool.transaction { t in
                    t.set(cache, 1)
                    t.set(cache, 2, ttl: .seconds(-1))
                }
            }
            #expect(try await cache.exists() == false)
            try await pool.transaction { _ in }
        }
    }

    @Test("A failure on the server is thrown; the others are carried out", arguments: Servers.kinds)
    func failure(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let hits = Cache<Int>("{f}", "hits", prefix: "transaction", connection: servers.connection)
            let wrong = SetCache<Int>("{f}", "wrong", prefix: "transaction", connection: servers.connection)
            try await Cache<Int>(key: wrong.key, connection: servers.connection).set(1)
            try await hits.clear()
            var count: BatchResult<Int>?
            let error = await #expect(throws: CachesError.self) {
                try await pool.transaction { t in
                    t.add(wrong.inserting(1))
                    count = t.increment(hits)
                }
            }
            #expect(error?.code == .server("WRONGTYPE"))
            #expect(error?.advice?.contains("transaction.{f}.wrong") == true)
            #expect(try count?.value == 1)
        }
    }

    @Test("An operation of a transaction that failed as a whole has failed with it, and says so")
    func wholeFailure() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns, outagePolicy: .miss)
            let cache = Cache<Int>("a", on: pool)
            var operations: [BatchResult<Void>] = []
            await #expect(throws: CachesError.self) {
                try await pool.transaction { t in
                    operations.append(t.set(cache, 1))
                    operations.append(t.set(cache, 1, ttl: .seconds(-1)))
                }
            }
            fleet.servers[0].kill()
            await #expect(throws: CachesError.self) {
                try await pool.transaction { t in operations.append(t.set(cache, 1)) }
            }
            let codes = operations.map { operation in
                #expect(throws: CachesError.self) { try operation.value }?.code
            }
            #expect(codes == [.invalidArgument, .invalidArgument, .unreachable])
            let first = #expect(throws: CachesError.self) { try operations[0].value }
            #expect(first?.message.contains("ttl") == true)
            await pool.close()
        }
    }

    @Test("The error is that of a command that the server does not even queue, and nothing is carried out")
    func aborted() async throws {
        let options = LocalServer.Options(access: .user("app", password: "x", rules: "~* &* +@all -sadd"))
        try await withLocalFleet(nodes: 1, options: options) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let hits = Cache<Int>("hits", on: pool)
            let error = await #expect(throws: CachesError.self) {
                try await pool.transaction { t in
                    t.increment(hits)
                    t.add(SetCache<Int>("seen", on: pool).inserting(1))
                }
            }
            #expect(error?.code == .authentication)
            #expect(error?.message.contains("NOPERM") == true)
            #expect(try await hits.get() == nil)
            await pool.close()
        }
    }
}

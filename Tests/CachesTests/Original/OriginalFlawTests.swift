import CachesTesting
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Caches

@Suite("The original's flaws, which are absent here", .timeLimit(.minutes(10)))
struct OriginalFlawTests {
    @Test("1: No sharding existed. Keys are spread over all servers")
    func sharding() async throws {
        try await Servers.three.run { fleet in
            let pool = try #require(CachePool.current)
            let owners = try Set((0..<100).map { try pool.node(for: Cache<Int>($0).key.text).name })
            #expect(owners.count == 3)
        }
    }

    @Test(
        "2: Numbering stopped at a gap; a duplicate name overwrote. Gaps are allowed, a duplicate is an error"
    )
    func numbering() throws {
        let gap = try PoolConfiguration(environment: [
            "CACHES_DSN_1": "redis://a", "CACHES_DSN_7": "redis://b",
        ])
        #expect(gap.nodes.count == 2)
        let error = #expect(throws: CachesError.self) {
            try PoolConfiguration(environment: ["CACHES_DSN_1": "redis://a#x", "CACHES_DSN_2": "redis://b#x"])
        }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("CACHES_DSN_2") == true)
    }

    @Test("3: Two callers could pass the sentinel. Exactly one does", arguments: Servers.kinds)
    func sentinel(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let gate = SentinelCache("flaw3", prefix: "original", connection: servers.connection)
            try await gate.clear()
            let winners = try await withThrowingTaskGroup { group in
                for _ in 0..<200 { group.addTask { try await gate.claim() } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(winners == 1)
        }
    }

    @Test("4: A value was kept in the object. Every read asks the server", arguments: Servers.kinds)
    func memoised(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let one = Cache<Int>("flaw4", prefix: "original", connection: servers.connection)
            let two = Cache<Int>("flaw4", prefix: "original", connection: servers.connection)
            try await one.set(1)
            #expect(try await one.get() == 1)
            try await two.set(2)
            #expect(try await one.get() == 2)
            try await two.clear()
            #expect(try await one.get() == nil)
        }
    }

    @Test("5: chunk(limit: 7) of 25 items gave 25. A limit is exact", arguments: Servers.kinds)
    func limit(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let sorted = SortedSetCache<Int>("flaw5", prefix: "original", connection: servers.connection)
            try await sorted.add(contentsOf: (0..<25).map { (Double($0), $0) })
            for size in [1, 3, 7, 500] {
                var items: [Int] = []
                for try await (_, element) in sorted.ascending.offset(2).limit(7).batchSize(size) {
                    items.append(element)
                }
                #expect(items == Array(2..<9))
            }
        }
    }

    @Test("6: The decorator ignored prefixes, failed on async functions and could not keep None")
    func decorator() async throws {
        try await Servers.three.run { _ in
            let calls = Atomic<Int>(0)
            let find = Cache<String?>.cached(prefix: "flaw6") { (id: Int) async throws -> String? in
                calls.wrappingAdd(1, ordering: .relaxed)
                return nil
            }
            try await find.clear(1)
            #expect(try await find(1) == nil)
            #expect(try await find(1) == nil)
            #expect(calls.load(ordering: .relaxed) == 1)
            #expect(find.cache(for: 1).key.text == "flaw6.1")
        }
    }

    @Test("7: Pickle. Values are readable, and equal values are equal bytes", arguments: Servers.kinds)
    func encoding(on servers: Servers) async throws {
        struct Point: Codable, Hashable {
            var y: Int
            var x: Int
        }
        try await servers.run { fleet async throws in
            let connection = servers.connection
            let point = Cache<Point>("flaw7", prefix: "original", connection: connection)
            try await point.set(Point(y: 2, x: 1))
            let stored = try await fleet.command(
                on: point.key, connection: connection, "GET", point.key.text)
            #expect(stored.text == #"{"x":1,"y":2}"#)
            let set = SetCache<[String: Int]>("flaw7set", prefix: "original", connection: connection)
            try await set.clear()
            for _ in 0..<20 {
                try await set.insert(Dictionary(uniqueKeysWithValues: (0..<10).map { ("k\($0)", $0) }))
            }
            #expect(try await set.count == 1)
        }
    }

    @Test("8: ACL users, IPv6 and unix sockets work; no password is in an error or a log")
    func dsn() async throws {
        #expect("\(try NodeConfiguration(dsn: "redis://[::1]:7000").connection.endpoint)".contains("::1"))
        let secret = "s3cr3t-of-flaw-8"
        let access = LocalServer.Access.user("app", password: secret, rules: "~* &* +@all")
        try await withLocalFleet([.init(transport: .unix, access: access)]) { fleet in
            let log = Mutex("")
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .seconds(20)
            configuration.nodes[0].connection.credentials?.password = Secret("wrong-\(secret)")
            let logger = Logger(label: "flaw8") { _ in Recorder { line in log.withLock { $0 += line + "\n" } }
            }
            let refused = try CachePool(configuration, logger: logger)
            let error = await #expect(throws: CachesError.self) {
                try await Cache<Int>("a", on: refused).get()
            }
            #expect(error?.code == .authentication)
            #expect("\(error as Any)".contains(secret) == false)
            #expect("\(configuration)".contains(secret) == false)
            #expect(log.withLock { $0 }.contains(secret) == false)
            let pool = try CachePool(patiently: fleet.dsns)
            try await Cache<Int>("a", on: pool).set(1)
            await pool.close()
            await refused.close()
        }
    }

    @Test(#"9: ["a","b"] and "a.b", and 0 and nothing, were one key. They are different"#)
    func collisions() {
        #expect(Cache<Int>("a", "b").key != Cache<Int>("a.b").key)
        #expect(Cache<Int>(0).key != Cache<Int>().key)
        #expect(Cache<Int>("a", "").key != Cache<Int>("a").key)
    }

    @Test(
        "10: update was one transaction a field. It is one command, atomic with its ttl",
        arguments: Servers.kinds)
    func update(on servers: Servers) async throws {
        try await servers.run { fleet async throws in
            let connection = servers.connection
            let dict = DictCache<Int, Int>(
                "flaw10", prefix: "original", ttl: .seconds(100), connection: connection)
            try await dict.clear()
            try await withThrowingTaskGroup { group in
                for version in 1...20 {
                    group.addTask { _ = try await dict.update(with: (0..<50).map { ($0, version) }) }
                    group.addTask {
                        // Every read finds one version, whole, with its ttl.
                        let copy = try await dict.copy()
                        #expect(copy.isEmpty || copy.count == 50 && Set(copy.values).count == 1)
                        #expect(try await dict.timeLeft() != .forever)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("11: unsafe_clear stopped at the first server that is down. Every other one is cleared")
    func clearing() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let ids = 0..<300
            try await pool.batch { b in for id in ids { b.set(Cache<Int>(id, prefix: "flaw11"), id) } }
            fleet.servers[0].kill()
            let report = try await pool.clear(matching: "flaw11.*")
            #expect(report.failures.map(\.node) == [fleet.servers[0].name])
            let gone = try ids.filter {
                try pool.node(for: Cache<Int>($0, prefix: "flaw11").key.text).name != fleet.servers[0].name
            }
            #expect(report.removed == gone.count)
            await pool.close()
        }
    }

    @Test("12: Raw redis errors leaked, and a ttl below a second failed", arguments: Servers.kinds)
    func errorsAndShortTTL(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let cache = Cache<Int>("flaw12", prefix: "original", connection: servers.connection)
            try await cache.set(1, ttl: .milliseconds(500))
            #expect(try await cache.timeLeft() != .forever)
            try await cache.set(1)
            let set = SetCache<Int>(key: cache.key, connection: servers.connection)
            let error = await #expect(throws: CachesError.self) { try await set.insert(1) }
            #expect(error?.code.serverName == "WRONGTYPE")
            #expect(error?.node != nil)
            #expect(error?.advice != nil)
        }
    }

    @Test(
        "13: Tests with a ttl of 1 s and a sleep were flaky. The server says when a key goes",
        arguments: Servers.kinds)
    func expiry(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let cache = Cache<Int>("flaw13", prefix: "original", connection: servers.connection)
            try await cache.set(1, ttl: .milliseconds(1))
            // It is gone some time: each question is a round trip.
            while try await cache.exists() {}
            #expect(try await cache.get() == nil)
        }
    }
}

/// A log handler that hands each line on.
private struct Recorder: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    let record: @Sendable (String) -> Void

    init(_ record: @escaping @Sendable (String) -> Void) { self.record = record }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        record("\(event.message) \(event.metadata ?? [:])")
    }
}

import Caches
import CachesTesting
import Testing

@Suite("Reading dictionaries batch by batch", .timeLimit(.minutes(10)))
struct DictCacheIterationTests {
    @Test("Pairs, fields and values", arguments: Servers.kinds)
    func sequences(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<String, Int>("sequences", prefix: "dictScan", connection: servers.connection)
            let pairs = Dictionary(uniqueKeysWithValues: (0..<2000).map { ("field \($0)", $0) })
            try await dict.clear()
            for try await _ in dict.items { Issue.record("an item of nothing") }
            try await dict.update(with: pairs)
            var items: [String: Int] = [:]
            for try await (field, value) in dict.items { items[field] = value }
            #expect(items == pairs)
            let keys = try await dict.keys.reduce(into: Set()) { $0.insert($1) }
            #expect(keys == Set(pairs.keys))
            let values = try await dict.values.batchSize(100).reduce(into: Set()) { $0.insert($1) }
            #expect(values == Set(pairs.values))
            for size in [0, -1] {
                let error = await #expect(throws: CachesError.self) {
                    for try await _ in dict.items.batchSize(size) {}
                }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test("Fields that are there throughout are read while others write", arguments: Servers.kinds)
    func whileOthersWrite(on servers: Servers) async throws {
        try await servers.run { _ in
            let dict = DictCache<Int, Int>("written", prefix: "dictScan", connection: servers.connection)
            try await dict.clear()
            try await dict.update(with: (0..<5000).map { ($0, $0) })
            var seen: [Int: Int] = [:]
            for try await (field, value) in dict.items.batchSize(100) {
                seen[field] = value
                // Fields that come and go meanwhile may be seen or not; fields that stay are seen.
                if field < 5000, field.isMultiple(of: 500) {
                    try await dict.set(10_000 + field, to: 0)
                    try await dict.remove(10_000 + field - 500)
                }
            }
            for field in 0..<5000 { #expect(seen[field] == field) }
        }
    }

    @Test("A large dictionary is written at once and read in batches, only as needed")
    func large() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .seconds(20)
            let pool = try CachePool(configuration)
            let dict = DictCache<Int, Int>("large", prefix: "dictScan", ttl: .seconds(1000), on: pool)
            #expect(try await dict.update(with: (0..<20_000).lazy.map { ($0, $0) }) == 20_000)
            #expect(try await dict.count == 20_000)

            for try await _ in dict.items.prefix(400) {}
            #expect(try await fleet.scans() == 1)

            var (sum, seen) = (0, 0)
            for try await (field, value) in dict.items {
                sum += value
                if field == value { seen += 1 }
            }
            #expect(sum == (0..<20_000).reduce(0, +))
            #expect(seen == 20_000)
            // 500 a batch, or a few more where fields share a bucket.
            #expect((20...41).contains(try await fleet.scans() - 1))
            await pool.close()
        }
    }
}

extension SharedServers {
    /// How many HSCAN the first server has carried out.
    fileprivate func scans() async throws -> Int {
        let statistics = try await servers[0].command(["INFO", "commandstats"]).text ?? ""
        let calls = statistics.firstMatch(of: #/cmdstat_hscan:calls=(\d+)/#)
        return try #require(calls.flatMap { Int($0.1) })
    }
}

import Caches
import CachesCluster
import CachesTesting
import CachesTransport

/// Calls to real servers: those of the raw connection and of a cache on a ring of three, over unix sockets,
/// and those of a cache on a cluster of three masters.
struct RoundTripCases {
    private static let keys = 1000

    /// Long, since valgrind is slow.
    private static let patience = Duration.seconds(300)

    let connection: Connection
    let pool: CachePool
    let clusterPool: CachePool
    private let texts: [String]
    private let value = String(repeating: "v", count: 64)

    init(_ fleet: LocalFleet, _ cluster: LocalCluster) async throws {
        pool = try CachePool(fleet.dsns.map { $0.replacing("#", with: "&timeout=5m#") })
        clusterPool = try CachePool([cluster.dsn.replacing("#", with: "?timeout=5m#")])
        connection = Connection(try PoolConfiguration(dsns: fleet.dsns).nodes[0].connection)
        texts = (0..<Self.keys).map { ProfileCache.key($0 + 10_000_000).text }
        for server in fleet.servers {
            try await server.command(["MSET"] + texts.flatMap { [$0, value] })
        }
        try await ProfileCache.setMany((0..<Self.keys).map { ($0 + 10_000_000, value) }, on: clusterPool)
        // The first case must not include the work that new pools do by themselves.
        try await Task.sleep(for: .seconds(1))
    }

    func close() async {
        await connection.close()
        await pool.close()
        await clusterPool.close()
    }

    func measure(by meter: inout Meter) async throws {
        for tasks in [1, 64] {
            let count = tasks == 1 ? 300 : 64 * 40
            let suffix = tasks == 1 ? "1 task" : "\(tasks) tasks"
            try await meter.measure("connection GET, \(suffix)", count) { try await getRaw($0, tasks) }
            try await meter.measure("connection GET, \(suffix), on the loop", count) { operations in
                try await pool.withExecutor { try await getRaw(operations, tasks) }
            }
            for (place, pool) in [("ring", pool), ("cluster", clusterPool)] {
                try await meter.measure("Cache.get, \(place) of 3, \(suffix)", count) {
                    try await getCache($0, tasks, pool)
                }
                try await meter.measure("Cache.get, \(place) of 3, \(suffix), on the loop", count) {
                    operations in
                    try await pool.withExecutor { try await getCache(operations, tasks, pool) }
                }
            }
        }
        try await meter.measure("Cache.set, ring of 3, 64 tasks, on the loop", 64 * 40) { operations in
            try await pool.withExecutor { try await setCache(operations, 64) }
        }
        let function = ProfileCache.cached(on: pool) { (_: Int) async throws in "computed" }
        try await meter.measure("cached function, ring of 3, 64 tasks, on the loop", 64 * 40) { operations in
            try await pool.withExecutor { try await call(function, operations, 64) }
        }
        try await meter.measure("batch of 100 gets, ring of 3, on the loop", 20) { operations in
            try await pool.withExecutor { try await batchOfGets(operations) }
        }
        try await meter.measure("batch of 100 sets, ring of 3, on the loop", 20) { operations in
            try await pool.withExecutor { try await batchOfSets(operations) }
        }
        try await meter.measure("setMany(100), ring of 3, on the loop", 20) { operations in
            try await pool.withExecutor { try await setMany(operations) }
        }
        try await meter.measure("pipeline of 100 GETs, on the loop", 20) { operations in
            try await pool.withExecutor { try await pipeline(operations) }
        }
        for (place, pool) in [("ring", pool), ("cluster", clusterPool)] {
            try await meter.measure("getMany(100), \(place) of 3, on the loop", 20) { operations in
                try await pool.withExecutor { try await getMany(operations, pool) }
            }
        }
    }

    private func inTasks(
        _ tasks: Int, _ operations: Int, _ body: @escaping @Sendable (Range<Int>) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for task in 0..<tasks {
                group.addTask { try await body(task * operations / tasks..<(task + 1) * operations / tasks) }
            }
            try await group.waitForAll()
        }
    }

    private func getRaw(_ operations: Int, _ tasks: Int) async throws {
        try await inTasks(tasks, operations) { [connection, texts] range in
            let deadline = Deadline.after(Self.patience)
            for number in range {
                let reply = try await connection.send(deadline: deadline) { command in
                    command.begin(2)
                    command.argument("GET")
                    command.argument(texts[number % Self.keys])
                }
                precondition(reply.bytes?.count == 64)
            }
        }
    }

    private func getCache(_ operations: Int, _ tasks: Int, _ pool: CachePool) async throws {
        try await inTasks(tasks, operations) { range in
            for number in range {
                let value = try await ProfileCache(number % Self.keys + 10_000_000, on: pool).get()
                precondition(value?.utf8.count == 64)
            }
        }
    }

    private func setCache(_ operations: Int, _ tasks: Int) async throws {
        try await inTasks(tasks, operations) { [pool, value] range in
            for number in range {
                try await ProfileCache(number % Self.keys + 10_000_000, on: pool).set(value)
            }
        }
    }

    private func call(
        _ function: CachedFunction<Int, String>, _ operations: Int, _ tasks: Int
    ) async throws {
        try await inTasks(tasks, operations) { range in
            for number in range {
                let value = try await function(number % Self.keys + 10_000_000)
                precondition(value.utf8.count == 64)
            }
        }
    }

    private func batchOfGets(_ operations: Int) async throws {
        for _ in 0..<operations {
            var gets: [BatchResult<String?>] = []
            try await pool.batch { b in
                for number in 0..<100 { gets.append(b.get(ProfileCache(number + 10_000_000, on: pool))) }
            }
            for get in gets {
                let value = try get.value
                precondition(value?.utf8.count == 64)
            }
        }
    }

    private func batchOfSets(_ operations: Int) async throws {
        for _ in 0..<operations {
            try await pool.batch { b in
                for number in 0..<100 { b.set(ProfileCache(number + 10_000_000, on: pool), value) }
            }
        }
    }

    private func pipeline(_ operations: Int) async throws {
        let deadline = Deadline.after(Self.patience)
        for _ in 0..<operations {
            let replies = try await connection.pipeline(100, deadline: deadline) { command in
                for number in 0..<100 {
                    command.begin(2)
                    command.argument("GET")
                    command.argument(texts[number])
                }
            }
            precondition(replies.count == 100)
        }
    }

    private func getMany(_ operations: Int, _ pool: CachePool) async throws {
        for _ in 0..<operations {
            let values = try await ProfileCache.getMany(10_000_000..<10_000_100, on: pool)
            precondition(values.count == 100)
        }
    }

    private func setMany(_ operations: Int) async throws {
        for _ in 0..<operations {
            try await ProfileCache.setMany((0..<100).lazy.map { ($0 + 10_000_000, value) }, on: pool)
        }
    }
}

import Caches
import CachesTesting
import Synchronization

/// Values that say which key they are of, and which write wrote them.
final class ChaosCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "chaos" }
}

/// What one client process does: reads of any key, writes of its own, echoes.
final class Workload: Sendable {
    /// The nodes' names, by position.
    let names: [String]

    private let client: Int
    private let load: LoadOptions
    private let pool: CachePool
    private let writer: HistoryWriter
    private let isStopped = Atomic(false)
    private let pendingCount = Atomic(0)

    /// How long a task thinks between two calls, in milliseconds.
    private static let thought = 0...30

    init(
        client: Int, load: LoadOptions, pool: CachePool, writer: HistoryWriter
    ) throws {
        self.client = client
        self.load = load
        self.pool = pool
        self.writer = writer
        names = try pool.nodes.map(\.name)
    }

    /// How many calls have not ended.
    var pending: Int { pendingCount.load(ordering: .sequentiallyConsistent) }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Works until it is stopped, and all calls have ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            for task in 0..<load.tasks { group.addTask { await self.work(task) } }
        }
    }

    private func work(_ task: Int) async {
        var generator = SplitMix64(seed: load.seed &+ UInt64(1000 * client + task))
        let writers = load.clients * load.tasks
        let own = client * load.tasks + task
        var versions = Array(repeating: 0, count: load.keys)
        while !isStopped.load(ordering: .relaxed) {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<3:
                let slot = Int.random(in: 0..<load.keys, using: &generator)
                versions[slot] += 1
                await write(key: own * load.keys + slot, version: versions[slot])
            case 3..<9:
                await read(key: Int.random(in: 0..<writers * load.keys, using: &generator))
            default:
                await echo(
                    node: Int.random(in: names.indices, using: &generator),
                    token: UInt64.random(in: .min ... .max, using: &generator))
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: Self.thought, using: &generator)))
        }
    }

    private func write(key: Int, version: Int) async {
        let cache = cache(key)
        await record(.write, key: key, node: owner(of: cache), version: version) {
            try await cache.set("\(key):\(version):" + String(repeating: "x", count: version % 200))
            return .done(version: version)
        }
    }

    private func read(key: Int) async {
        let cache = cache(key)
        await record(.read, key: key, node: owner(of: cache), version: nil) {
            guard let value = try await cache.get() else { return .done(version: nil) }
            let parts = value.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\(key)", let version = Int(parts[1]),
                parts[2].utf8.count == version % 200
            else { return .misdelivered }
            return .done(version: version)
        }
    }

    private func echo(node: Int, token: UInt64) async {
        await record(.echo, key: -1, node: node, version: nil) { [pool] in
            let reply = try await pool.nodes[node].send("ECHO", "\(token)")
            return reply.text == "\(token)" ? .done(version: nil) : .misdelivered
        }
    }

    private func record(
        _ operation: Call.Operation, key: Int, node: Int, version: Int?,
        _ body: () async throws -> Call.Outcome
    ) async {
        var call = Call(
            operation: operation, key: key, node: node, version: version, begin: MachineClock.now, end: 0,
            outcome: .misdelivered)
        pendingCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
        do {
            call.outcome = try await body()
        } catch let error as CachesError {
            call.outcome = .failed(
                code: error.code.description, node: error.node.flatMap { names.firstIndex(of: $0) })
        } catch {
            call.outcome = .failed(code: "\(type(of: error))", node: nil)
        }
        call.end = MachineClock.now
        pendingCount.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        writer.write(.call(call))
    }

    private func cache(_ key: Int) -> ChaosCache { ChaosCache(key, on: pool) }

    /// The position of the node that owns a key.
    private func owner(of cache: ChaosCache) -> Int {
        (try? pool.node(for: cache.key.description).name).flatMap { names.firstIndex(of: $0) } ?? -1
    }
}

import Caches
import CachesTesting
import Synchronization

/// The calls of one client process: reads of any key, writes of its own, echoes, counts, claims and large
/// calls.
final class Workload: Sendable {
    /// The nodes' names, by position.
    let names: [String]

    private let client: Int
    /// How many processes had this client's position before.
    private let generation: Int
    private let load: LoadOptions
    private let pool: CachePool
    private let writer: HistoryWriter
    private let isStopped = Atomic(false)
    private let pendingCount = Atomic(0)

    /// How long a task pauses between two calls, in milliseconds.
    private static let thought = 0...30

    /// How many counters and claims there are, for all clients.
    static let counters = 32
    static let claims = 20

    /// The most versions of one process: a process writes higher versions than the one before it.
    private static let versionsOfOne = 1_000_000

    init(
        client: Int, generation: Int = 0, load: LoadOptions, pool: CachePool, writer: HistoryWriter
    ) throws {
        self.client = client
        self.generation = generation
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
        for key in 0..<load.clients * load.tasks * load.keys { writeOrder(of: key) }
        await withDiscardingTaskGroup { group in
            for task in 0..<load.tasks { group.addTask { await self.work(task) } }
        }
    }

    private func work(_ task: Int) async {
        var generator = SplitMix64(seed: load.seed &+ UInt64(1000 * client + task + 100_000 * generation))
        let writers = load.clients * load.tasks
        let own = client * load.tasks + task
        var versions = Array(repeating: generation * Self.versionsOfOne, count: load.keys)
        // Large calls come first, since the memory after the first seconds is compared with that at the end.
        if task == 0 { for call in 0..<4 { await callLarge(call, using: &generator) } }
        while !isStopped.load(ordering: .relaxed) {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<30:
                let slot = Int.random(in: 0..<load.keys, using: &generator)
                versions[slot] += 1
                await write(key: own * load.keys + slot, version: versions[slot])
            case 30..<80:
                await read(key: Int.random(in: 0..<writers * load.keys, using: &generator))
            case 80..<88:
                await echo(
                    node: Int.random(in: names.indices, using: &generator),
                    token: UInt64.random(in: .min ... .max, using: &generator))
            case 88..<95: await count(Int.random(in: 0..<Self.counters, using: &generator))
            default: await claim(Int.random(in: 0..<Self.claims, using: &generator))
            }
            if task == 0 { await callLarge(Int.random(in: 0..<1500, using: &generator), using: &generator) }
            try? await Task.sleep(for: .milliseconds(Int.random(in: Self.thought, using: &generator)))
        }
    }

    // MARK: Calls

    func write(key: Int, version: Int) async {
        let cache = ChaosCache(key, on: pool)
        await record(.write, key: key, node: owner(of: cache), version: version) {
            try await cache.set("\(key):\(version):" + String(repeating: "x", count: version % 200))
            return .done(version: version)
        }
    }

    func read(key: Int) async {
        let cache = ChaosCache(key, on: pool)
        await record(.read, key: key, node: owner(of: cache), version: nil) {
            guard let value = try await cache.get() else { return .done(version: nil) }
            let parts = value.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\(key)", let version = Int(parts[1]),
                parts[2].utf8.count == version % 200
            else { return .misdelivered }
            return .done(version: version)
        }
    }

    func echo(node: Int, token: UInt64) async {
        await record(.echo, key: -1, node: node, version: nil) { [pool] in
            let reply = try await pool.nodes[node].send("ECHO", "\(token)")
            return reply.text == "\(token)" ? .done(version: nil) : .misdelivered
        }
    }

    private func count(_ key: Int) async {
        let counter = ChaosCounter(key, on: pool)
        await record(.count, key: key, node: owner(of: counter), version: nil) {
            .done(version: try await counter.increment())
        }
    }

    private func claim(_ key: Int) async {
        let gate = ChaosClaim(key, on: pool)
        await record(.claim, key: key, node: owner(of: gate), version: nil) {
            .done(version: try await gate.claim() ? 1 : 0)
        }
    }

    // MARK: Large calls

    /// Makes a large call for the first few kinds, and no call for all others: large calls are to be rare.
    private func callLarge(_ kind: Int, using generator: inout SplitMix64) async {
        let key = Int.random(in: 0..<1000, using: &generator)
        switch kind {
        case 0:
            await writeMany()
            await readMany()
        case 1 where load.oversized: await writeOversized(key, bytes: LoadSizes.unwritable)
        case 2 where load.oversized:
            await writeOversized(key, bytes: LoadSizes.unreadable)
            await readOversized(key)
        case 3..<6: await readMany()
        default: break
        }
    }

    private func writeMany() async {
        let text = String(repeating: "b", count: LoadSizes.bulkValue)
        await record(.bulk, key: -1, node: -1, version: nil) { [pool, client] in
            let values = (0..<LoadSizes.bulkCount).map { (client * LoadSizes.bulkCount + $0, text) }
            try await ChaosBulk.setMany(values, on: pool)
            return .done(version: nil)
        }
    }

    private func readMany() async {
        await record(.bulk, key: -1, node: -1, version: nil) { [pool, client] in
            let keys = (0..<LoadSizes.bulkCount).map { client * LoadSizes.bulkCount + $0 }
            let values = try await ChaosBulk.getMany(keys, on: pool)
            let isOurs = values.allSatisfy { $0.map { $0.utf8.count == LoadSizes.bulkValue } ?? true }
            return isOurs ? .done(version: nil) : .misdelivered
        }
    }

    private func writeOversized(_ key: Int, bytes: Int) async {
        let cache = ChaosOversized(key, on: pool)
        let text = String(repeating: "o", count: bytes)
        await record(.oversized, key: key, node: owner(of: cache), version: nil) {
            try await cache.set(text)
            return .done(version: nil)
        }
    }

    private func readOversized(_ key: Int) async {
        let cache = ChaosOversized(key, on: pool)
        await record(.oversized, key: key, node: owner(of: cache), version: nil) {
            _ = try await cache.get()
            return .done(version: nil)
        }
    }

    // MARK: Records

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

    /// Records the nodes that serve a key, in order.
    func writeOrder(of key: Int) {
        guard let order = try? pool.failoverOrder(of: ChaosCache(key, on: pool).key.description) else {
            return
        }
        writer.write(.order(key: key, nodes: order.compactMap { names.firstIndex(of: $0.name) }))
    }

    /// The position of the node that owns a key.
    private func owner(of entry: CacheEntry) -> Int {
        (try? pool.node(for: entry.key.description).name).flatMap { names.firstIndex(of: $0) } ?? -1
    }
}

import ArgumentParser
import CYardsticks
import Caches
import CachesCluster
import CachesTerminal
import CachesTesting
import CachesTransport
import Foundation

/// Measures costs that must not grow with the number of nodes, tasks or keys.
struct Scale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how costs grow with nodes, tasks and keys.")

    @Option(help: "How many keys to clear.")
    var keys = 1_000_000

    func run() async throws {
        try await nodes()
        try await tasks()
        try await idleMemory()
        try await clearing()
        try await hanging()
        try await bulk()
    }

    /// Runs 64 tasks for each node, so that each connection has the same load.
    private func nodes() async throws {
        print("nodes, 64 tasks each    CPU µs per Cache.get")
        try await withLocalFleet(nodes: 64) { fleet in
            for count in [1, 4, 16, 64] {
                let pool = try CachePool(fleet.dsns[..<count].map(patient))
                let operations = max(40_000, count * 64 * Self.operationsPerTask)
                _ = try await gets(on: pool, tasks: 64 * count, operations)
                let each = try await median { try await gets(on: pool, tasks: 64 * count, operations) }
                print("\(count)\t\(decimals(each))")
                await pool.close()
            }
        }
    }

    private func tasks() async throws {
        print("tasks on one node       CPU µs per Cache.get")
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(fleet.dsns.map(patient))
            for count in [1, 10, 100, 1_000, 10_000] {
                let operations = count == 1 ? 10_000 : max(100_000, count * Self.operationsPerTask)
                _ = try await gets(on: pool, tasks: count, operations)
                let each = try await median { try await gets(on: pool, tasks: count, operations) }
                print("\(count)\t\(decimals(each))")
            }
            await pool.close()
        }
    }

    /// Enough operations that the cost of a task's start and end is small compared with its calls.
    private static let operationsPerTask = 100

    /// Does not time single operations: a histogram for each of thousands of tasks would cost more than the
    /// operations.
    private func gets(on pool: CachePool, tasks: Int, _ operations: Int) async throws -> Double {
        try await pool.withExecutor {
            let start = processorTime()
            try await withThrowingTaskGroup { group in
                for task in 0..<tasks {
                    group.addTask {
                        for number in task * operations / tasks..<(task + 1) * operations / tasks {
                            _ = try await ProfileCache(number % 10_000, on: pool).get()
                        }
                    }
                }
                try await group.waitForAll()
            }
            return (processorTime() - start) / Double(operations)
        }
    }

    private func median(_ measure: () async throws -> Double) async rethrows -> Double {
        var values: [Double] = []
        for _ in 0..<5 { values.append(try await measure()) }
        return values.median
    }

    private func idleMemory() async throws {
        print("memory of an idle node, KiB")
        for (name, transport) in [("plain", LocalServer.Transport.tcp), ("TLS", .tls())] {
            try await withLocalFleet(nodes: 33, options: .init(transport: transport)) { fleet in
                // The first pool allocates the memory that is needed once.
                let first = try CachePool([patient(fleet.dsns[0])])
                _ = try await first.nodes[0].send("PING")
                let before = yardstick_heap_bytes()
                let pool = try CachePool(fleet.dsns.dropFirst().map(patient))
                for node in try pool.nodes { _ = try await node.send("PING") }
                let each = Double(yardstick_heap_bytes() - before) / 1024 / 32
                print("\(name)\t\(decimals(each))")
                await pool.close()
                await first.close()
            }
        }
    }

    private func clearing() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            for (index, server) in fleet.servers.enumerated() {
                for start in stride(from: index, to: keys, by: 3 * 10_000) {
                    try await server.command(
                        "EVAL",
                        "for i = tonumber(ARGV[1]), tonumber(ARGV[2]), 3 do redis.call('SET', 'scale.' .. i, i) end",
                        "0", "\(start)", "\(min(start + 3 * 10_000, keys) - 1)", timeout: .seconds(60))
                }
            }
            let pool = try CachePool(fleet.dsns.map(patient))
            let outcome = try await Outcome.measured(keys) {
                let report = try await pool.clear(matching: "scale.*")
                precondition(report.removed == keys, "\(report)")
                return []
            }
            print(
                "\(Figures.count(keys)) keys cleared in \(Figures.duration(outcome.duration)), "
                    + "\(decimals(outcome.microsecondsEach)) µs of CPU a key, "
                    + "at most \((outcome.peakBytes ?? 0) >> 20) MiB")
            await pool.close()
        }
    }

    /// 10 000 tasks wait for a server that has been stopped, while another task uses its neighbour.
    private func hanging() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let pool = try CachePool(fleet.dsns)
            let (hung, well) = (try pool.nodes[0], try pool.nodes[1])
            _ = try await hung.send("PING")
            _ = try await well.send("PING")
            fleet.servers[0].pause()
            let tasks = 10_000
            let (outcome, neighbour) = try await withThrowingTaskGroup { group in
                group.addTask {
                    var samples: [Duration] = []
                    for _ in 0..<1000 {
                        let start = ContinuousClock.now
                        _ = try await well.send("PING")
                        samples.append(start.duration(to: .now))
                    }
                    return samples
                }
                let outcome = await Outcome.measured(tasks) {
                    await withTaskGroup { group in
                        for _ in 0..<tasks {
                            group.addTask {
                                let start = ContinuousClock.now
                                do { _ = try await hung.send("PING") } catch {
                                    return [start.duration(to: .now)]
                                }
                                return []
                            }
                        }
                        return await group.reduce(into: []) { $0 += $1 }
                    }
                }
                return (outcome, Latencies(try await group.next() ?? []))
            }
            print(
                "\(Figures.count(outcome.latencies.count)) of \(Figures.count(tasks)) calls to a server that hangs "
                    + "ended with an error, p50 \(Figures.duration(outcome.latencies.p50)), the last after "
                    + "\(Figures.duration(outcome.latencies.slowest)) (deadline 1 s); its neighbour's p99 was "
                    + "\(Figures.duration(neighbour.p99))")
            fleet.servers[0].resume()
            await pool.close()
        }
    }
}

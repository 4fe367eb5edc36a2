import ArgumentParser
import Caches
import CachesCluster
import CachesTerminal
import CachesTesting
import CachesTransport
import Foundation

/// Measures the cost of a hostile server in one pool for the calls of another pool of the same process.
struct Hostile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the cost of a hostile server in one pool for another pool.",
        discussion: """
            Each row is the latency of GETs of a ring of three, by 16 tasks that pause for a millisecond after each, \
            alone and beside a pool with a hostile server, which 16 tasks call in the same way. The factor is the \
            ratio of the p99s, and should be 3 at most. The server's thread also takes a processor: in the rows \
            with `taken by a thread`, a thread reads and forgets the same bytes.
            """)

    @Option(help: "How long each row is measured, in seconds.")
    var seconds = 5.0

    @Option(help: "Only rows whose name contains this text.")
    var only: String?

    func run() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(fleet.dsns.map(patient))
            for number in 0..<1000 { try await ProfileCache(number, on: pool).set(Work.value) }
            print("in the other pool\tp50\tp99\tp99.9\tfactor\tdescriptors")
            _ = try await gets(on: pool)
            for manner in HostilePeer.Manner.allCases where only.map(manner.rawValue.contains) ?? true {
                let alone = try await gets(on: pool)
                report("nothing", alone, against: alone, descriptors: openDescriptors())
                try await beside(manner, pool, alone)
            }
            await pool.close()
        }
    }

    private func beside(_ manner: HostilePeer.Manner, _ pool: CachePool, _ alone: Latencies) async throws {
        let peer = try HostilePeer(manner)
        if manner.isFlood {
            let drain = try peer.drain()
            report(
                "\(manner.rawValue), taken by a thread", try await gets(on: pool), against: alone,
                descriptors: openDescriptors())
            drain.stop()
        }
        let scheme = manner == .silentTLS ? "rediss" : manner == .moved ? "redis+cluster" : "redis"
        let hostile = try CachePool(["\(scheme)://127.0.0.1:\(peer.port)#hostile"])
        let (end, most) = (Signal(), Greatest())
        let latencies = try await withThrowingTaskGroup(of: Latencies?.self) { group in
            for task in 0..<16 {
                group.addTask {
                    while !end.isGiven {
                        _ = try? await ProfileCache(task, on: hostile).get()
                        most.note(openDescriptors())
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    return nil
                }
            }
            group.addTask {
                defer { end.give() }
                return try await gets(on: pool)
            }
            var measured: Latencies?
            for try await latencies in group { measured = latencies ?? measured }
            return measured
        }
        await hostile.close(deadline: .after(.milliseconds(10)))
        peer.stop()
        if let latencies {
            report(
                manner.rawValue, latencies, against: alone, descriptors: most.value)
        }
    }

    private func report(_ name: String, _ latencies: Latencies, against alone: Latencies, descriptors: Int) {
        let factor = latencies.p99 / alone.p99
        print(
            "\(name)\t\(Figures.duration(latencies.p50))\t\(Figures.duration(latencies.p99))\t"
                + "\(Figures.duration(latencies.p999))\t\(decimals(factor))\t\(descriptors)")
    }

    private func gets(on pool: CachePool) async throws -> Latencies {
        let end = ContinuousClock.now + .seconds(seconds)
        return try await withThrowingTaskGroup(of: [Duration].self) { group in
            for task in 0..<16 {
                group.addTask {
                    var samples: [Duration] = []
                    var number = task
                    while .now < end {
                        let start = ContinuousClock.now
                        _ = try await ProfileCache(number % 1000, on: pool).get()
                        samples.append(start.duration(to: .now))
                        number += 16
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    return samples
                }
            }
            return Latencies(try await group.reduce(into: []) { $0 += $1 })
        }
    }
}

/// How many descriptors the process has.
private func openDescriptors() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
}

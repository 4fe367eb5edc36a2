import Caches
import CachesTerminal
import CachesTesting

extension Scale {
    private final class Texts: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "bulk" }
    }

    private static let bulkKeys = 100_000
    private static let bulkBytes = 2048

    /// Measures small calls of some tasks while one task reads many keys again and again.
    func bulk() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(fleet.dsns.map(patient))
            let ids = 0..<Self.bulkKeys
            let text = String(repeating: "x", count: Self.bulkBytes)
            try await Texts.setMany(ids.lazy.map { ($0, text) }, on: pool)
            _ = try await Texts.getMany(ids, on: pool)
            let alone = try await smallCalls(on: pool)
            let end = Signal()
            let (rounds, beside) = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    var rounds = 0
                    while !end.isGiven {
                        _ = try await Texts.getMany(ids, on: pool)
                        rounds += 1
                    }
                    return rounds
                }
                defer { end.give() }
                let beside = try await smallCalls(on: pool)
                end.give()
                return (try await group.next() ?? 0, beside)
            }
            print(
                "small calls alone: p50 \(Figures.duration(alone.p50)), p99 \(Figures.duration(alone.p99)); "
                    + "beside getMany of \(Figures.count(Self.bulkKeys)) keys of \(Self.bulkBytes) bytes, "
                    + "\(rounds) times: p50 \(Figures.duration(beside.p50)), p99 \(Figures.duration(beside.p99)), "
                    + "\(decimals(beside.p99 / alone.p99)) times as long")
            await pool.close()
        }
    }

    /// The latencies of GETs by 16 tasks that pause for a millisecond after each. All have to succeed.
    private func smallCalls(on pool: CachePool) async throws -> Latencies {
        try await withThrowingTaskGroup(of: [Duration].self) { group in
            for task in 0..<16 {
                group.addTask {
                    var samples: [Duration] = []
                    for number in 0..<1000 {
                        let start = ContinuousClock.now
                        _ = try await ProfileCache(number % 100 * 16 + task, on: pool).get()
                        samples.append(start.duration(to: .now))
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    return samples
                }
            }
            return Latencies(try await group.reduce(into: []) { $0 += $1 })
        }
    }
}

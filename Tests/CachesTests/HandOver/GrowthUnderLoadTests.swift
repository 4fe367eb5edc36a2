import Caches
import CachesTesting
import Synchronization
import TestSupport
import Testing

/// A ring that grows while all programs use it.
@Suite struct GrowthUnderLoadTests {
    /// Values that only ever grow: a read that returns less than an earlier write was stale.
    private final class Version: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "version" }
    }

    /// The observations of the load.
    private struct Seen: Sendable {
        var calls = 0
        var hits = 0
        var misses = 0
        var failures: [String] = []
        var stale: [String] = []

        var hitRate: Double { Double(hits) / Double(max(1, hits + misses)) }
    }

    private static let keys = 300

    /// For each key the version that was last written.
    private final class Written: Sendable {
        private let versions = Mutex([Int](repeating: 0, count: GrowthUnderLoadTests.keys))

        subscript(key: Int) -> Int { versions.withLock { $0[key] } }

        func note(_ version: Int, of key: Int) { versions.withLock { $0[key] = max($0[key], version) } }
    }

    @Test("From three to five servers under load: no call fails, no read is stale, and the hit rate holds")
    func growth() async throws {
        try await withLocalFleet(nodes: 5) { fleet in
            let small = try PoolConfiguration(dsns: Array(fleet.dsns.prefix(3))).patient
            let large = try PoolConfiguration(dsns: fleet.dsns).patient
            // Three programs, told at different moments.
            let pools = try (0..<3).map { _ in try CachePool(small) }
            let written = Written()
            for pool in pools.prefix(1) {
                try await Version.setMany((0..<Self.keys).map { ($0, 0) }, on: pool)
            }

            let before = try await load(on: pools, written) { try await calls(1000, in: $0) }
            #expect(before.failures.isEmpty && before.stale.isEmpty)

            let during = try await load(on: pools, written) { seen in
                for stage in HandOver.Stage.allCases {
                    for pool in pools {
                        try pool.enter(stage, large)
                        try await calls(stage == .handingOver ? 2000 : 300, in: seen)
                    }
                }
                for pool in pools {
                    pool.endStage()
                    try await calls(300, in: seen)
                }
            }
            #expect(during.failures.isEmpty, "\(during.failures.prefix(3))")
            #expect(during.stale.isEmpty, "\(during.stale.prefix(3))")
            #expect(during.hitRate >= 0.95 * before.hitRate, "\(during.hitRate) after \(before.hitRate)")

            let after = try await load(on: pools, written) { try await calls(1000, in: $0) }
            #expect(after.failures.isEmpty && after.stale.isEmpty)
            #expect(after.hitRate >= 0.95 * before.hitRate, "\(after.hitRate) after \(before.hitRate)")
            for server in fleet.servers.suffix(2) {
                #expect(try await server.command("DBSIZE").integer ?? 0 > 0, "\(server.name) has nothing")
            }
            for pool in pools { await pool.close() }
        }
    }

    /// Waits until the load has made so many more calls.
    private func calls(_ count: Int, in seen: borrowing Mutex<Seen>) async throws {
        let total = seen.withLock { $0.calls } + count
        while seen.withLock({ $0.calls }) < total {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Reads and writes on all pools until `body` has ended.
    private func load(
        on pools: [CachePool], _ written: Written, _ body: (borrowing Mutex<Seen>) async throws -> Void
    ) async throws -> Seen {
        let log = Log()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, pool) in pools.enumerated() {
                for task in 0..<4 {
                    // Each key has one writer, so that its versions are in order.
                    group.addTask {
                        let writer = number * 4 + task
                        var random = SystemRandomNumberGenerator()
                        while !log.isOver {
                            let key = Int.random(in: 0..<Self.keys, using: &random)
                            await log.call {
                                if key % 12 == writer, Bool.random() {
                                    let version = written[key] + 1
                                    try await Version(key, on: pool).set(version)
                                    written.note(version, of: key)
                                    return nil
                                }
                                let least = written[key]
                                let value = try await Version(key, on: pool).get()
                                return (key, least, value)
                            }
                        }
                    }
                }
            }
            do {
                try await body(log.seen)
            } catch {
                log.end()
                throw error
            }
            log.end()
            try await group.waitForAll()
            return log.seen.withLock { $0 }
        }
    }

    private final class Log: Sendable {
        let seen = Mutex(Seen())
        private let over = Atomic<Bool>(false)

        var isOver: Bool { over.load(ordering: .relaxed) }

        func end() { over.store(true, ordering: .relaxed) }

        /// Notes what a call found: nil for a write.
        func call(_ body: () async throws -> (key: Int, least: Int, value: Int?)?) async {
            do {
                let found = try await body()
                seen.withLock { seen in
                    seen.calls += 1
                    guard let found else { return }
                    guard let value = found.value else {
                        seen.misses += 1
                        return
                    }
                    seen.hits += 1
                    if value < found.least {
                        seen.stale.append("\(found.key): \(value) after \(found.least)")
                    }
                }
            } catch {
                seen.withLock { seen in
                    seen.calls += 1
                    seen.failures.append("\(error)")
                }
            }
        }
    }
}

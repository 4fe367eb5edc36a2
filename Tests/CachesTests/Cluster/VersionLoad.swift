import Caches
import CachesTesting
import Synchronization
import TestSupport
import Testing

/// Many tasks that write ever higher versions of their own keys, count, and read again. The right answers are
/// known, so that each answer can be judged.
///
/// A read is right if it finds at least the last version that was acknowledged, and at most the last that was
/// tried. A counter is right if it has grown at least by the increments that were acknowledged, and at most
/// by those that were tried.
final class VersionLoad: Sendable {
    /// A call that failed, and when.
    struct Failure: Sendable {
        let time: ContinuousClock.Instant
        let error: CachesError
    }

    /// A read with a wrong value.
    struct Wrong: Sendable, CustomStringConvertible {
        let time: ContinuousClock.Instant
        let key: Int
        let found: Int?
        let expected: ClosedRange<Int>
        /// When the lowest version that it may find was acknowledged.
        let acknowledged: ContinuousClock.Instant

        var description: String { "\(found.map(String.init) ?? "nothing") at \(key), not in \(expected)" }
    }

    private struct State {
        var calls = 0
        var failures: [Failure] = []
        var wrong: [Wrong] = []
        var isOver = false
    }

    private let pool: CachePool
    private let keys: Int
    private let state = Mutex(State())
    private let deadline: Duration?

    /// - Parameter deadline: How long a call may take; nil for the pool's deadline.
    init(_ pool: CachePool, keys: Int, deadline: Duration? = nil) {
        self.pool = pool
        self.keys = keys
        self.deadline = deadline
    }

    var calls: Int { state.withLock { $0.calls } }
    var failures: [Failure] { state.withLock { $0.failures } }
    var wrong: [Wrong] { state.withLock { $0.wrong } }

    /// Runs the load while `body` runs.
    func runs(_ body: () async throws -> Void) async throws {
        let tasks = (0..<keys).map { key in Task { await self.work(on: key) } }
        defer { state.withLock { $0.isOver = true } }
        do {
            try await body()
            state.withLock { $0.isOver = true }
            for task in tasks { await task.value }
        } catch {
            state.withLock { $0.isOver = true }
            for task in tasks { await task.value }
            throw error
        }
    }

    /// Returns when so many more calls have been made.
    func advances(by count: Int) async throws {
        let end = calls + count
        try await eventually { self.calls >= end }
    }

    private func work(on key: Int) async {
        let version = Cache<Int>(key, prefix: "version", deadline: deadline, on: pool)
        let counter = Cache<Int>(key, prefix: "counter", deadline: deadline, on: pool)
        var (tried, acknowledged, counted, mayBeCounted) = (0, 0, 0, 0)
        var time = ContinuousClock.now
        while !state.withLock({ $0.isOver }) {
            tried += 1
            if await succeeds({ try await version.set(tried) }) != nil {
                acknowledged = tried
                time = .now
            }
            if let found = await succeeds({ try await version.get() }) {
                judge(found, acknowledged...tried, key, time)
            }
            mayBeCounted += 1
            if let found = await succeeds({ try await counter.increment() }) {
                counted += 1
                judge(found, counted...max(counted, mayBeCounted), key, time)
                // An unacknowledged increment was carried out or not: now it is known.
                (counted, mayBeCounted) = (found, found)
            }
        }
    }

    private func judge(
        _ found: Int?, _ expected: ClosedRange<Int>, _ key: Int, _ time: ContinuousClock.Instant
    ) {
        // There is no value if the first write failed.
        guard !expected.contains(found ?? 0) else { return }
        state.withLock {
            $0.wrong.append(Wrong(time: .now, key: key, found: found, expected: expected, acknowledged: time))
        }
    }

    private func succeeds<Value: Sendable>(_ call: () async throws -> Value) async -> Value? {
        do {
            let value = try await call()
            state.withLock { $0.calls += 1 }
            return value
        } catch let error as CachesError {
            state.withLock {
                $0.calls += 1
                $0.failures.append(Failure(time: .now, error: error))
            }
            // A call that fails at once does not suspend: lets others run.
            await Task.yield()
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }
}

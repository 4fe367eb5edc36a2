import Caches
import CachesTesting
import Synchronization
import TestSupport
import Testing

/// Many tasks that write ever higher versions of their own keys, count, and read again: what they must find is known,
/// so that each answer can be judged.
///
/// A read is right if it finds no less than the last version that was acknowledged, and no more than the last that was
/// tried. A counter is right if it has grown by no less than the increments that were acknowledged, and no more than
/// those that were tried.
final class VersionLoad: Sendable {
    /// A call that failed, and when.
    struct Failure: Sendable {
        let time: ContinuousClock.Instant
        let error: CachesError
    }

    /// A read that is not what it must be.
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

    /// - Parameter deadline: How long a call may take. nil: as the pool says.
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

    /// Returns when so many calls more have been made.
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
                // What was not acknowledged was carried out or not: now it is known.
                (counted, mayBeCounted) = (found, found)
            }
        }
    }

    private func judge(
        _ found: Int?, _ expected: ClosedRange<Int>, _ key: Int, _ time: ContinuousClock.Instant
    ) {
        // Nothing is what the first write, if it failed, has left.
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
            // A call that fails at once suspends nobody: others have their turn.
            await Task.yield()
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }
}

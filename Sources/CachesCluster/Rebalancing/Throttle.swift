import Synchronization

/// Keeps work under a shared rate: each piece waits until the time of those before it has passed.
final class Throttle: Sendable {
    private let rate: Double
    private let next = Mutex(ContinuousClock.now)

    /// - Parameter rate: Pieces a second, more than 0.
    init(rate: Double) { self.rate = rate }

    /// Waits until `count` pieces may be done.
    /// - Throws: `CancellationError` if the task is cancelled.
    func wait(for count: Int) async throws {
        let turn = next.withLock { next in
            let turn = max(next, .now)
            next = turn + .seconds(Double(count) / rate)
            return turn
        }
        try await Task.sleep(until: turn, clock: .continuous)
    }
}

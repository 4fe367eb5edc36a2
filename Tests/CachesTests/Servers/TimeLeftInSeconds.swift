import Caches

extension CacheEntry {
    /// Whether the time left is in a range of seconds.
    func isLeft(_ seconds: ClosedRange<Double>) async throws -> Bool {
        guard case .time(let time) = try await timeLeft() else { return false }
        return seconds.contains(time / .seconds(1))
    }
}

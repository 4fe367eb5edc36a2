import Dispatch

/// The machine's monotonic clock, which is the same for all its processes.
enum MachineClock {
    /// Microseconds since the machine started.
    static var now: Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1000) }

    /// Waits until a time on this clock.
    static func sleep(until time: Int64) async throws {
        try await Task.sleep(for: .microseconds(max(0, time - now)))
    }
}

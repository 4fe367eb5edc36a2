import CachesTransport

/// Which tasks have written lately.
///
/// A value without a clock; the process has one. A task is known by a number that another may have after its
/// end, which then reads from owners for a while: never the reverse.
struct RecentWrites: Sendable {
    static let shared = Locked(RecentWrites())

    /// So many tasks are known one by one; beyond that, all tasks are taken to have written.
    static let capacity = 4096

    private var ends: [Int: ContinuousClock.Instant] = [:]
    private var everybody: ContinuousClock.Instant?

    /// A task begins a write.
    mutating func wrote(_ task: Int, now: ContinuousClock.Instant) {
        let end = now + ReadPreference.ownWriteBound
        if ends.count >= Self.capacity, ends[task] == nil {
            ends = ends.filter { $0.value > now }
            guard ends.count < Self.capacity else {
                everybody = end
                return
            }
        }
        ends[task] = end
    }

    /// Whether a task has written so lately that a replica may not have it.
    mutating func hasWritten(_ task: Int, now: ContinuousClock.Instant) -> Bool {
        if let end = everybody, end > now { return true }
        guard let end = ends[task] else { return false }
        if end <= now { ends[task] = nil }
        return end > now
    }

    /// The number of the task that runs.
    static var currentTask: Int { withUnsafeCurrentTask { $0?.hashValue ?? 0 } }
}

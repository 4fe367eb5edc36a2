/// A client.
protocol Contender: Sendable {
    var name: String { get }

    /// Carries out so many operations.
    /// - Returns: nil if it can't do that work.
    func run(_ work: Work, _ operations: Int) async throws -> Outcome?
}

/// Runs operations in tasks, each of which records the time of every 16th.
///
/// Looking at the clock costs a tenth of a small operation: not each of them is timed.
func inTasks(
    _ tasks: Int, _ operations: Int, _ operation: @escaping @Sendable (Int) async throws -> Void
) async throws -> Latencies {
    try await withThrowingTaskGroup { group in
        for task in 0..<tasks {
            group.addTask {
                var latencies = Latencies()
                for number in task * operations / tasks..<(task + 1) * operations / tasks {
                    guard number % 16 == 0 else {
                        try await operation(number)
                        continue
                    }
                    let start = ContinuousClock.now
                    try await operation(number)
                    latencies.record(start.duration(to: .now))
                }
                return latencies
            }
        }
        return try await group.reduce(into: Latencies()) { $0.add($1) }
    }
}

/// Where tasks run.
enum Executor: String, Sendable {
    case pool = "default executor"
    case loop = "loop executor"
}

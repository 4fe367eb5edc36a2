/// A client.
protocol Contender: Sendable {
    var name: String { get }

    /// Carries out so many operations.
    /// - Returns: nil if it can't do that work.
    func run(_ work: Work, _ operations: Int) async throws -> Outcome?
}

/// Runs operations in tasks, each of which notes the time of every 16th.
///
/// Looking at the clock costs a tenth of a small operation: not each of them is timed. Nor are the times counted up
/// here, where that would count as the client's work: a histogram a task takes more memory than all else.
func inTasks(
    _ tasks: Int, _ operations: Int, _ operation: @escaping @Sendable (Int) async throws -> Void
) async throws -> [Duration] {
    try await withThrowingTaskGroup { group in
        for task in 0..<tasks {
            group.addTask {
                let numbers = task * operations / tasks..<(task + 1) * operations / tasks
                var samples: [Duration] = []
                samples.reserveCapacity(numbers.count / 16 + 1)
                for number in numbers {
                    guard number % 16 == 0 else {
                        try await operation(number)
                        continue
                    }
                    let start = ContinuousClock.now
                    try await operation(number)
                    samples.append(start.duration(to: .now))
                }
                return samples
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }
    }
}

/// Where tasks run.
enum Executor: String, Sendable {
    case pool = "default executor"
    case loop = "loop executor"
}

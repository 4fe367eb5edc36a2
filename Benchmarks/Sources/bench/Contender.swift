/// A client in the comparison.
protocol Contender: Sendable {
    var name: String { get }

    /// Carries out so many operations.
    /// - Returns: nil if it can't do that work.
    func run(_ work: Work, _ operations: Int) async throws -> Outcome?
}

/// Runs operations in tasks. Each task notes the time of every 16th operation.
///
/// Reading the clock costs a tenth of a small operation, so only some are timed. The times don't go into
/// histograms here, since that would count as the client's work: a histogram for each task takes more memory
/// than anything else.
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

/// The executor of the tasks.
enum Executor: String, Sendable {
    case pool = "default executor"
    case loop = "loop executor"
}

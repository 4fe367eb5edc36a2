import CYardsticks

/// Measures cases one after the other: their time, or, under callgrind, their instructions; and the
/// allocations of the whole process.
struct Meter {
    /// The cost of one operation of a case.
    struct Cost {
        var name: String
        var nanoseconds: Double
        var allocations: Double
    }

    /// Under callgrind everything takes some fifty times as long, and a few operations are enough.
    private let isSimulated = yardstick_is_simulated() != 0

    private(set) var costs: [Cost] = []

    /// - Parameters:
    ///   - operations: How many operations to count. More of them are timed.
    ///   - body: Carries out so many operations.
    mutating func measure(_ name: String, _ operations: Int, _ body: (Int) throws -> Void) rethrows {
        try body(warmUp(operations))
        let start = begin()
        let number = isSimulated ? operations : operations * 100
        try body(number)
        end(name, number, start)
    }

    /// Measures operations that wait.
    mutating func measure(
        _ name: String, _ operations: Int, _ body: (Int) async throws -> Void
    ) async rethrows {
        try await body(warmUp(operations))
        let start = begin()
        let number = isSimulated ? operations : operations * 20
        try await body(number)
        end(name, number, start)
    }

    private func warmUp(_ operations: Int) -> Int { isSimulated ? operations : operations * 10 }

    private func begin() -> (allocations: UInt64, time: ContinuousClock.Instant) {
        yardstick_count_instructions()
        return (yardstick_allocations(), .now)
    }

    private mutating func end(
        _ name: String, _ operations: Int, _ start: (allocations: UInt64, time: ContinuousClock.Instant)
    ) {
        let (time, allocations) = (start.time.duration(to: .now), yardstick_allocations())
        yardstick_dump_instructions("\(name) / \(operations)")
        costs.append(
            Cost(
                name: name, nanoseconds: time / .nanoseconds(1) / Double(operations),
                allocations: Double(allocations - start.allocations) / Double(operations)))
    }
}

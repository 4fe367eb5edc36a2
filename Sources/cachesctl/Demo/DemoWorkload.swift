/// How much the demo does, and which value belongs to which key.
struct DemoWorkload: Sendable {
    var keys: Int
    var valueBytes: Int
    var tasks: Int

    /// Makes this run's keys and values differ from any other's.
    var seed = UInt64.random(in: .min ... .max)

    /// The prefix of every key that the run writes.
    var prefix: String { "caches-demo-" + String(seed, radix: 36) }

    /// The value of the `index`-th key: letters and digits that follow from the seed and the index alone, so
    /// that a value that is read can be checked though it was not kept.
    func value(_ index: Int) -> String {
        var generator = SplitMix64(state: seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
        return String(unsafeUninitializedCapacity: valueBytes) { buffer in
            var bits: UInt64 = 0
            for position in 0..<valueBytes {
                if position.isMultiple(of: 10) { bits = generator.next() }
                buffer[position] = Self.alphabet[Int(bits & 63)]
                bits >>= 6
            }
            return valueBytes
        }
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Runs `step` for every key, in at most ``tasks`` tasks. Each task takes every `tasks`-th key, rather
    /// than a task for each key, and keeps its own tally.
    func forEachKey<T: Tallying>(
        _ step: @escaping @Sendable (_ index: Int, _ tally: inout T) async throws -> Void
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T.self) { group in
            for task in 0..<min(tasks, keys) {
                group.addTask {
                    var tally = T()
                    for index in stride(from: task, to: keys, by: tasks) {
                        try Task.checkCancellation()
                        try await step(index, &tally)
                    }
                    return tally
                }
            }
            return try await group.reduce(into: T()) { $0.add($1) }
        }
    }
}

/// Counts that each task keeps by itself and that are added up in the end.
protocol Tallying: Sendable {
    init()
    mutating func add(_ other: Self)
}

/// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (OOPSLA 2014).
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

import CYardsticks
import CachesTerminal

/// hiredis in C on one blocking connection, pipelined as deep as others have tasks: the limit.
struct HiredisContender: Contender {
    static let yardstick = "hiredis in C"
    var name: String { Self.yardstick }
    let port: Int

    func run(_ work: Work, _ operations: Int) async throws -> Outcome? {
        switch work {
        case .get: try await run(yardstick_get, "profile.", depth: work.tasks, operations)
        case .set: try await run(yardstick_set, "profile.", depth: work.tasks, operations)
        case .batch: try await run(yardstick_get, "profile.", depth: 100, operations)
        case .many: try await run(yardstick_mget, "profile.", depth: work.tasks, operations)
        case .large:
            try await run(yardstick_get, "large.", keys: Work.largeKeys, depth: work.tasks, operations)
        case .function: nil
        }
    }

    private func run(
        _ command: yardstick_command, _ prefix: String, keys: Int = Work.keys, depth: Int, _ operations: Int
    ) async throws -> Outcome {
        let rounds = (operations + depth - 1) / depth
        return try await Outcome.measured(rounds * depth) {
            var samples = [UInt64](repeating: 0, count: rounds * depth / 16 + 1)
            var recorded = 0
            let status = yardstick_hiredis(
                "127.0.0.1", CInt(port), command, prefix, CInt(keys), Work.value, depth, rounds * depth,
                &samples,
                samples.count, &recorded)
            guard status == 0 else { throw BenchFailure("hiredis failed on port \(port)") }
            return samples[..<recorded].map { .nanoseconds($0) }
        }
    }
}

struct BenchFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

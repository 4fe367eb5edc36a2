import Caches

/// A call of the library or a command of the tool that servers answer.
struct Operation: Sendable {
    /// The operation's type, name and argument labels, as the test of the list finds them in the sources.
    let name: String

    /// How often the operation is chosen, relative to the others.
    var weight = 100

    /// How long the operation may take.
    var bound = Duration.milliseconds(2500)

    let run: @Sendable (Subject) async throws -> Void

    init(_ name: String, weight: Int = 100, _ run: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.weight = weight
        self.run = run
    }

    /// An operation that makes many calls, each with its own deadline.
    static func long(
        _ name: String, _ run: @escaping @Sendable (Subject) async throws -> Void
    ) -> Operation {
        var operation = Operation(name, weight: 20, run)
        operation.bound = .seconds(15)
        return operation
    }

    /// An operation of a batch. It is sent as a transaction, or as a batch with another operation.
    static func batched<Output: Sendable>(
        _ name: String, _ body: @escaping @Sendable (Subject, inout Batch) -> BatchResult<Output>
    ) -> Operation {
        Operation(name) { subject in
            if subject.chance(30) {
                _ = try await subject.pool.transaction { body(subject, &$0) }
            } else {
                _ = try await subject.pool.batch { (body(subject, &$0), $0.get(subject.value)) }
            }
        }
    }

    /// Every operation.
    static let all =
        values + entries + dictionaries + sets + sortedSets + coordination + pools + batches + tools

    /// Chooses an operation, each as often as its weight says.
    static func any(using generator: inout some RandomNumberGenerator) -> Operation {
        if let plant = Plant.present, Int.random(in: 0..<5, using: &generator) == 0 {
            return Operation("the planted fault") { try await plant.act(on: $0) }
        }
        var rest = Int.random(in: 0..<totalWeight, using: &generator)
        for operation in all {
            if rest < operation.weight { return operation }
            rest -= operation.weight
        }
        return all[0]
    }

    private static let totalWeight = all.reduce(0) { $0 + $1.weight }
}

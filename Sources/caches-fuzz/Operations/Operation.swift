import Caches

/// Something that a user of the library does, and that servers answer.
struct Operation: Sendable {
    /// How it is called: its type, its name and the labels of its arguments, as the registry's test finds
    /// them in the sources.
    let name: String

    /// How often it is chosen, relative to the others.
    var weight = 100

    /// How long it may take.
    var bound = Duration.milliseconds(2500)

    let run: @Sendable (Subject) async throws -> Void

    init(_ name: String, weight: Int = 100, _ run: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.weight = weight
        self.run = run
    }

    /// One that makes many calls, each with a deadline of its own.
    static func long(
        _ name: String, _ run: @escaping @Sendable (Subject) async throws -> Void
    ) -> Operation {
        var operation = Operation(name, weight: 20, run)
        operation.bound = .seconds(15)
        return operation
    }

    /// An operation of a batch, which is sent as a batch or as a transaction, with another one.
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

    /// An operation, each as often as its weight says.
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

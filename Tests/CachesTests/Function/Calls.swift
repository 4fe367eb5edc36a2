import Synchronization

/// How often something was called.
final class Calls: Sendable {
    private let calls = Atomic<Int>(0)

    var count: Int { calls.load(ordering: .sequentiallyConsistent) }

    /// Counts a call, and returns the given value.
    func returning<Value>(_ value: Value) -> Value {
        calls.wrappingAdd(1, ordering: .sequentiallyConsistent)
        return value
    }
}

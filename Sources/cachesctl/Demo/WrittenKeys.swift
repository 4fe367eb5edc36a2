import Synchronization

/// How many keys may have been written: those with an index below it.
final class WrittenKeys: Sendable {
    private let keys = Atomic(0)

    /// The number of keys.
    var count: Int { keys.load(ordering: .relaxed) }

    /// The `index`-th key is about to be written.
    func include(_ index: Int) { keys.max(index + 1, ordering: .relaxed) }
}

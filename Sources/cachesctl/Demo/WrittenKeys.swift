import Synchronization

/// Keeps how many keys may have been written: those with an index below ``count``.
final class WrittenKeys: Sendable {
    private let keys = Atomic(0)

    var count: Int { keys.load(ordering: .relaxed) }

    /// Notes that the `index`-th key is about to be written.
    func include(_ index: Int) { keys.max(index + 1, ordering: .relaxed) }
}

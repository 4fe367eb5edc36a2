internal import Synchronization

/// Counts the outcomes of the keys of a hand-over.
final class HandOverTally: Sendable {
    private let moved = Atomic<Int>(0)
    private let absent = Atomic<Int>(0)
    private let lost = Atomic<Int>(0)

    func count(_ arrival: MoveOutcome) {
        switch arrival {
        case .moved: moved.wrappingAdd(1, ordering: .relaxed)
        case .absent: absent.wrappingAdd(1, ordering: .relaxed)
        case .lost: lost.wrappingAdd(1, ordering: .relaxed)
        case .before, .failed: break
        }
    }

    /// The counts so far.
    var counts: (moved: Int, absent: Int, lost: Int) {
        (moved.load(ordering: .relaxed), absent.load(ordering: .relaxed), lost.load(ordering: .relaxed))
    }
}

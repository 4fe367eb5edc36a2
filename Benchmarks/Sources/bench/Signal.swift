import Synchronization

/// A signal that is given once, for tasks that poll it.
final class Signal: Sendable {
    private let isSet = Atomic(false)

    var isGiven: Bool { isSet.load(ordering: .relaxed) }
    func give() { isSet.store(true, ordering: .relaxed) }
}

/// The greatest of the numbers that tasks note.
final class Greatest: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .relaxed) }
    func note(_ value: Int) { number.max(value, ordering: .relaxed) }
}

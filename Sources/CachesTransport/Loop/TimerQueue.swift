/// Actions with the time at which each is due.
///
/// There are a few timers a node at most, so the earliest is found by looking at all.
struct TimerQueue {
    private struct Entry {
        var identifier: UInt64
        var due: Int64
        var action: @Sendable () -> Void
    }

    private var entries: [Entry] = []

    /// When the next timer is due.
    private(set) var earliest: Int64?

    mutating func add(_ identifier: UInt64, due: Int64, _ action: @escaping @Sendable () -> Void) {
        entries.append(Entry(identifier: identifier, due: due, action: action))
        earliest = min(earliest ?? due, due)
    }

    mutating func remove(_ identifier: UInt64) {
        entries.removeAll { $0.identifier == identifier }
        earliest = entries.lazy.map(\.due).min()
    }

    /// Takes out the action of the timer that was due first, if any is due.
    mutating func popDue(now: Int64) -> (@Sendable () -> Void)? {
        guard let earliest, earliest <= now,
            let index = entries.firstIndex(where: { $0.due == earliest })
        else { return nil }
        let entry = entries.remove(at: index)
        self.earliest = entries.lazy.map(\.due).min()
        return entry.action
    }
}

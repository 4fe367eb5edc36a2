private import HeapModule

/// Actions with the time at which each is due.
///
/// Calls that wait for a node have a timer each, so there may be as many as calls. A heap finds the earliest.
/// A timer that is removed leaves its entry there until that is the earliest, or until such entries are the
/// most.
struct TimerQueue {
    /// Timers of one time are due in the order in which they were made.
    private struct Entry: Comparable {
        var due: Int64
        var identifier: UInt64

        static func < (left: Entry, right: Entry) -> Bool {
            (left.due, left.identifier) < (right.due, right.identifier)
        }
    }

    private var entries = Heap<Entry>()
    private var actions: [UInt64: @Sendable () -> Void] = [:]

    /// How many entries of removed timers are not worth the work of taking them out.
    private static let fewRemoved = 64

    /// When the next timer is due.
    var earliest: Int64? { entries.min?.due }

    mutating func add(_ identifier: UInt64, due: Int64, _ action: @escaping @Sendable () -> Void) {
        entries.insert(Entry(due: due, identifier: identifier))
        actions[identifier] = action
    }

    mutating func remove(_ identifier: UInt64) {
        guard actions.removeValue(forKey: identifier) != nil else { return }
        if entries.count > 2 * actions.count + Self.fewRemoved {
            entries = Heap(entries.unordered.filter { actions[$0.identifier] != nil })
        }
        dropRemoved()
    }

    /// Takes out the action of the timer that was due first, if any is due.
    mutating func popDue(now: Int64) -> (@Sendable () -> Void)? {
        guard let earliest, earliest <= now, let entry = entries.popMin() else { return nil }
        defer { dropRemoved() }
        return actions.removeValue(forKey: entry.identifier)
    }

    /// Keeps the earliest entry one of a timer that is still there.
    private mutating func dropRemoved() {
        while let entry = entries.min, actions[entry.identifier] == nil { entries.removeMin() }
    }
}

import CachesTesting
import Synchronization
import Testing

@testable import CachesTransport

@Suite struct TimerQueueTests {
    @Test("Timers are due by their times, those of one time in the order in which they were made")
    func order() {
        var queue = TimerQueue()
        for (identifier, due) in [(1, 30), (2, 10), (3, 20), (4, 10)] as [(UInt64, Int64)] {
            queue.add(identifier, due: due) {}
        }
        #expect(queue.earliest == 10)
        #expect(queue.drain(now: 9) == 0)
        #expect(queue.drain(now: 20) == 3)
        #expect(queue.earliest == 30)
        #expect(queue.drain(now: 30) == 1)
        #expect(queue.earliest == nil)
    }

    @Test("A timer that was removed is never due, and doesn't count for the earliest")
    func removal() {
        var queue = TimerQueue()
        for identifier in 1...3 as ClosedRange<UInt64> { queue.add(identifier, due: Int64(identifier)) {} }
        queue.remove(1)
        queue.remove(1)
        queue.remove(9)
        #expect(queue.earliest == 2)
        queue.remove(3)
        #expect(queue.drain(now: 9) == 1)
        queue.remove(2)
        #expect(queue.earliest == nil)
    }

    @Test("Any timers in any order are run as a list would run them")
    func model() {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<20 {
            var (queue, list): (TimerQueue, [(identifier: UInt64, due: Int64)]) = (TimerQueue(), [])
            let run = Mutex<[UInt64]>([])
            var expected: [UInt64] = []
            for identifier in 1...500 as ClosedRange<UInt64> {
                let due = Int64.random(in: 0...200, using: &generator)
                queue.add(identifier, due: due) { run.withLock { $0.append(identifier) } }
                list.append((identifier, due))
                if Int.random(in: 0..<3, using: &generator) > 0 {
                    let removed = UInt64.random(in: 1...identifier, using: &generator)
                    queue.remove(removed)
                    list.removeAll { $0.identifier == removed }
                }
                #expect(queue.earliest == list.map(\.due).min())
                guard Int.random(in: 0..<10, using: &generator) == 0 else { continue }
                let now = Int64.random(in: 0...60, using: &generator)
                queue.drain(now: now)
                expected += list.filter { $0.due <= now }.sorted {
                    ($0.due, $0.identifier) < ($1.due, $1.identifier)
                }
                .map(\.identifier)
                list.removeAll { $0.due <= now }
            }
            #expect(run.withLock { $0 } == expected)
        }
    }
}

extension TimerQueue {
    /// Runs the timers that are due, and counts them.
    @discardableResult
    fileprivate mutating func drain(now: Int64) -> Int {
        var count = 0
        while let action = popDue(now: now) {
            action()
            count += 1
        }
        return count
    }
}

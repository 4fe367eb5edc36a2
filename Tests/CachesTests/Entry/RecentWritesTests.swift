import Testing

@testable import Caches

extension RecentWrites {
    /// As ``hasWritten(_:now:)``, without forgetting: what a test can ask in the middle of an expression.
    fileprivate func knows(_ task: Int, at now: ContinuousClock.Instant) -> Bool {
        var copy = self
        return copy.hasWritten(task, now: now)
    }
}

@Suite("A task's own writes")
struct RecentWritesTests {
    private let start = ContinuousClock.now
    private let bound = ReadPreference.ownWriteBound

    @Test("A task's own writes are known for the given time, and those of no other task")
    func known() {
        var writes = RecentWrites()
        #expect(!writes.knows(1, at: start))
        writes.wrote(1, now: start)
        #expect(writes.knows(1, at: start))
        #expect(writes.knows(1, at: start + bound - .milliseconds(1)))
        #expect(!writes.knows(2, at: start))
        #expect(!writes.knows(1, at: start + bound))
        writes.wrote(1, now: start + .seconds(1))
        writes.wrote(1, now: start + .seconds(2))
        #expect(writes.knows(1, at: start + .seconds(2) + bound - .milliseconds(1)))
    }

    @Test("If there are too many tasks to know each, all are taken to have written, and memory is bounded")
    func bounded() {
        var writes = RecentWrites()
        for task in 0..<RecentWrites.capacity { writes.wrote(task, now: start) }
        #expect(!writes.knows(-1, at: start))
        writes.wrote(RecentWrites.capacity, now: start)
        #expect(writes.knows(RecentWrites.capacity, at: start))
        #expect(writes.knows(-1, at: start))
        #expect(!writes.knows(-1, at: start + bound))
        // Writes whose time is over make room.
        writes.wrote(-1, now: start + bound)
        #expect(writes.knows(-1, at: start + bound))
        #expect(!writes.knows(-2, at: start + bound))
    }

    @Test("A task's own writes are those of one task, not of its children")
    func children() async {
        let own = RecentWrites.currentTask
        let child = await withTaskGroup { group in
            group.addTask { RecentWrites.currentTask }
            return await group.next() ?? nil
        }
        #expect(child != own)
        #expect(RecentWrites.currentTask == own)
    }
}

import Synchronization
import Testing

@testable import CachesTransport

@Suite struct EventLoopTests {
    @Test("A timer fires on the loop when it is due and not before")
    func aTimerFiresOnTheLoopWhenItIsDueAndNotBefore() async {
        let start = ContinuousClock.now
        let isOnLoop = await withCheckedContinuation { continuation in
            EventLoops.forTasks.schedule(after: .milliseconds(30)) {
                continuation.resume(returning: EventLoops.forTasks.isCurrent)
            }
        }
        #expect(isOnLoop)
        // The coarse clock may be a tick of the kernel's behind.
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    @Test("A cancelled timer doesn't fire")
    func aCancelledTimerDoesNotFire() async {
        let fired = Counter()
        await withCheckedContinuation { continuation in
            // On the loop's thread: elsewhere a busy machine may take longer than the timer between the two.
            EventLoops.forTasks.execute {
                let token = EventLoops.forTasks.schedule(after: .milliseconds(20)) { fired.increment() }
                EventLoops.forTasks.cancel(token)
                EventLoops.forTasks.schedule(after: .milliseconds(60)) { continuation.resume() }
            }
        }
        #expect(fired.value == 0)
    }

    @Test("Actions of many threads all run")
    func actionsOfManyThreadsAllRun() async {
        let count = Counter()
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        EventLoops.forTasks.execute { count.increment() }
                    }
                }
            }
        }
        await withCheckedContinuation { continuation in EventLoops.forTasks.execute { continuation.resume() }
        }
        #expect(count.value == 8000)
    }

    @Test("Tasks that prefer the loop run on it")
    func tasksThatPreferTheLoopRunOnIt() async {
        let isOnLoop = await withTaskExecutorPreference(EventLoops.forTasks) {
            await Task.yield()
            return EventLoops.forTasks.isCurrent
        }
        #expect(isOnLoop)
        #expect(!EventLoops.forTasks.isCurrent)
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func increment() { count.add(1, ordering: .relaxed) }
}

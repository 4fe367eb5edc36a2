import CachesTransport
import Testing

@testable import CachesCluster

/// The choice among several timers.
@Suite struct RestartableTimerTests {
    private func token() -> EventLoop.TimerToken { EventLoops.forTasks.schedule(after: .milliseconds(1)) {} }

    @Test("The timer of a later wait takes the place of an earlier one, in whatever order they begin")
    func order() {
        let (first, second, third) = (token(), token(), token())
        var timer = RestartableTimer()
        #expect(timer.token == nil)
        #expect(timer.begin(1, first) == nil)
        #expect(timer.begin(3, third) == first)
        #expect(timer.begin(2, second) == second, "it came too late")
        #expect(timer.token == third)
    }
}

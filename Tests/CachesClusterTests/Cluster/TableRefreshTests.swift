import Testing

@testable import CachesCluster

/// The times at which a cluster is asked for its table: every state and every event.
@Suite struct TableRefreshTests {
    private let now = ContinuousClock.now
    private var refresh = TableRefresh(interval: .seconds(30))

    @Test("It begins with the first caller that needs the table, and not before")
    func first() {
        var refresh = refresh
        #expect(refresh.due(step: 0, now: now) == .nothing)
        #expect(refresh.answered(isNews: true, now: now, jitter: 0.5) == .nothing)
        #expect(refresh.request(now: now, jitter: 0.5) == .ask)
    }

    @Test("One question is under way at a time, and later wishes are asked soon afterwards")
    func singleFlight() {
        var refresh = refresh
        #expect(refresh.request(now: now, jitter: 0) == .ask)
        #expect(refresh.request(now: now, jitter: 0) == .nothing)
        #expect(refresh.request(now: now, jitter: 0) == .nothing)
        #expect(refresh.due(step: 0, now: now) == .nothing)
        let wait = refresh.answered(isNews: true, now: now + .milliseconds(10), jitter: 1)
        #expect(wait == .wait(step: 1, .milliseconds(90)))
        #expect(refresh.request(now: now, jitter: 0) == .nothing, "it is asked soon anyway")
        #expect(refresh.due(step: 1, now: now) == .ask)
    }

    @Test(
        "An answer is good for the interval, give or take a tenth",
        arguments: [(0.0, 27.0), (0.5, 30), (1, 33)])
    func interval(jitter: Double, seconds: Double) {
        var refresh = refresh
        _ = refresh.request(now: now, jitter: 0)
        guard case .wait(1, let duration) = refresh.answered(isNews: true, now: now, jitter: jitter) else {
            Issue.record("it does not wait")
            return
        }
        #expect(abs(duration / .seconds(1) - seconds) < 1e-6)
        #expect(refresh.due(step: 1, now: now) == .ask)
    }

    @Test("A caller that needs the table does not wait for the interval; an older wait then has no effect")
    func sooner() {
        var refresh = refresh
        _ = refresh.request(now: now, jitter: 0)
        _ = refresh.answered(isNews: true, now: now, jitter: 0)
        #expect(refresh.request(now: now + .seconds(9), jitter: 0) == .wait(step: 2, .zero))
        #expect(refresh.due(step: 1, now: now) == .nothing)
        #expect(refresh.due(step: 2, now: now) == .ask)
        #expect(refresh.due(step: 2, now: now) == .nothing, "it is asked already")
    }

    @Test(
        "A cluster that tells another table each time is asked ever more seldom, too, until nobody wants to know"
    )
    func everOther() {
        var refresh = refresh
        var now = now
        var waits: [Duration] = []
        #expect(refresh.request(now: now, jitter: 1) == .ask)
        for _ in 0..<40 {
            _ = refresh.request(now: now, jitter: 1)
            guard case .wait(let step, let wait) = refresh.answered(isNews: true, now: now, jitter: 1) else {
                Issue.record("it does not wait")
                return
            }
            waits.append(wait)
            now += wait
            #expect(refresh.due(step: step, now: now) == .ask)
        }
        #expect(
            waits.prefix(TableRefresh.longestStreak) == Array(repeating: .milliseconds(100), count: 8)[...])
        #expect(waits.suffix(20) == Array(repeating: .seconds(1), count: 20)[...])
        guard case .wait(let step, _) = refresh.answered(isNews: true, now: now, jitter: 1) else {
            Issue.record("it does not wait")
            return
        }
        now += .seconds(30)
        #expect(refresh.due(step: step, now: now) == .ask)
        _ = refresh.request(now: now, jitter: 1)
        #expect(
            refresh.answered(isNews: true, now: now, jitter: 1) == .wait(step: step + 1, .milliseconds(100)))
    }

    @Test("Questions that tell nothing new are asked ever more seldom, up to once a second")
    func backoff() {
        var refresh = refresh
        var now = now
        var waits: [Duration] = []
        _ = refresh.request(now: now, jitter: 1)
        for step in 1...7 {
            _ = refresh.request(now: now, jitter: 1)
            guard case .wait(step, let duration) = refresh.answered(isNews: false, now: now, jitter: 1) else {
                Issue.record("it does not wait")
                return
            }
            waits.append(duration)
            now += duration
            #expect(refresh.due(step: step, now: now) == .ask)
        }
        #expect(waits == [100, 200, 400, 800, 1000, 1000, 1000].map(Duration.milliseconds))
        // News: as at first.
        _ = refresh.request(now: now, jitter: 1)
        #expect(refresh.answered(isNews: true, now: now, jitter: 1) == .wait(step: 8, .milliseconds(100)))
    }

    @Test("After an interval in which no caller needed the table, the intervals begin again")
    func calm() {
        var refresh = refresh
        _ = refresh.request(now: now, jitter: 1)
        for step in 1...5 {
            _ = refresh.request(now: now, jitter: 1)
            _ = refresh.answered(isNews: false, now: now, jitter: 1)
            #expect(refresh.due(step: step, now: now) == .ask)
        }
        _ = refresh.answered(isNews: false, now: now, jitter: 1)
        #expect(refresh.due(step: 6, now: now) == .ask)
        _ = refresh.request(now: now, jitter: 1)
        #expect(refresh.answered(isNews: false, now: now, jitter: 1) == .wait(step: 7, .milliseconds(100)))
    }

    @Test("A host of the DSN is also asked now and then, and each time while the table lacks owners")
    func seeds() {
        var refresh = refresh
        #expect(refresh.asksSeed(isComplete: true, now: now) == true)
        #expect(refresh.asksSeed(isComplete: true, now: now + .seconds(119)) == false)
        #expect(refresh.asksSeed(isComplete: true, now: now + .seconds(120)) == true)
        #expect(refresh.asksSeed(isComplete: false, now: now + .seconds(121)) == true)
        #expect(refresh.asksSeed(isComplete: false, now: now + .seconds(122)) == true)
        #expect(refresh.asksSeed(isComplete: true, now: now + .seconds(123)) == false)
    }

    @Test("Nothing happens once it is closed")
    func closed() {
        var refresh = refresh
        _ = refresh.request(now: now, jitter: 0)
        refresh.close()
        #expect(refresh.answered(isNews: true, now: now, jitter: 0) == .nothing)
        #expect(refresh.request(now: now, jitter: 0) == .nothing)
        #expect(refresh.due(step: 0, now: now) == .nothing)
    }
}

import Testing

@testable import CachesCluster

@Suite struct BackoffTests {
    @Test(
        "The wait doubles up to the cap, and is drawn from its upper half",
        arguments: [
            (1, 100), (2, 200), (3, 400), (4, 800), (5, 1600), (6, 3200), (7, 5000), (8, 5000),
            // Counts beyond the range, and impossible counts.
            (31, 5000), (32, 5000), (64, 5000), (1_000_000, 5000), (.max, 5000), (0, 100), (-1, 100),
            (.min, 100),
        ] as [(Int, Int)])
    func doubles(failures: Int, ceiling: Int) {
        let backoff = HealthConfiguration().backoff
        #expect(backoff.delay(after: failures, jitter: 0) == .milliseconds(ceiling) / 2)
        #expect(backoff.delay(after: failures, jitter: 0.5) == .milliseconds(ceiling) * 3 / 4)
        #expect(backoff.delay(after: failures, jitter: 1) == .milliseconds(ceiling))
    }

    @Test("Two clients that lost the same server don't come back in step")
    func spreads() {
        let backoff = HealthConfiguration().backoff
        let delays = (0..<1000).map { _ in backoff.delay(after: 20, jitter: .random(in: 0...1)) }
        #expect(delays.allSatisfy { $0 >= .milliseconds(2500) && $0 <= .seconds(5) })
        // A hundred slots of 25 ms: by chance alone, fewer than 90 of them used has no probability to speak
        // of.
        let slots = Set(delays.map { Int(($0 - .milliseconds(2500)) / .milliseconds(25)) })
        #expect(slots.count > 90)
    }

    @Test("The first wait and the cap are settings")
    func settings() {
        let backoff = Backoff(first: .seconds(3600), cap: .seconds(86_400))
        #expect(backoff.delay(after: 1, jitter: 1) == .seconds(3600))
        #expect(backoff.delay(after: 5, jitter: 1) == .seconds(57_600))
        #expect(backoff.delay(after: .max, jitter: 1) == .seconds(86_400))
        let eager = Backoff(first: .seconds(10), cap: .seconds(1))
        #expect(eager.delay(after: 1, jitter: 1) == .seconds(1))
        #expect(Backoff(first: .zero, cap: .seconds(5)).delay(after: .max, jitter: 1) == .zero)
    }
}

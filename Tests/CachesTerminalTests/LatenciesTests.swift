import Testing

@testable import CachesTerminal

struct LatenciesTests {
    @Test(
        "A percentile is within one per cent of the exact one", arguments: [1.0, 25, 50, 90, 99, 99.9, 100])
    func accuracy(percent: Double) {
        var latencies = Latencies()
        for microseconds in (1...10_000).shuffled() { latencies.record(.microseconds(microseconds)) }
        let exact = percent * 100 * 1000
        #expect(abs(latencies.percentile(percent).nanoseconds - exact) <= exact * 0.01)
    }

    @Test("Tasks' recordings add up")
    func adding() {
        var whole = Latencies()
        for task in 1...4 {
            var part = Latencies()
            for _ in 0..<100 { part.record(.milliseconds(task)) }
            whole.add(part)
        }
        #expect(whole.count == 400)
        #expect(abs(whole.p50.nanoseconds - 2e6) < 2e4)
        #expect(abs(whole.slowest.nanoseconds - 4e6) < 4e4)
    }

    @Test("Extremes are kept as the least and the greatest value that can be shown")
    func extremes() {
        var latencies = Latencies()
        #expect(latencies.p99 == .zero)
        latencies.record(.zero)
        latencies.record(.seconds(3600))
        #expect(latencies.count == 2)
        #expect(latencies.slowest >= .seconds(60) && latencies.slowest < .seconds(61))
    }
}

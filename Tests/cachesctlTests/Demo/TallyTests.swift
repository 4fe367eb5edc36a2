import CachesTerminal
import CachesTransport
import Testing

@testable import cachesctl

struct TallyTests {
    @Test("Each call counts by its outcome, and every answer but the right one as not right")
    func counting() async throws {
        var tally = Tally()
        try await tally.count {
            1 as Int?
        } isRight: {
            $0 == 1
        }
        try await tally.count {
            2 as Int?
        } isRight: {
            $0 == 1
        }
        try await tally.count {
            nil as Int?
        } isRight: {
            $0 == 1
        }
        try await tally.count { () async throws -> Int? in
            throw CachesError(.timeout, "late.")
        } isRight: {
            $0 == 1
        }
        #expect([tally.right, tally.wrong, tally.missing, tally.failed] == [1, 1, 1, 1])
        #expect(tally.notRight == 3)
        #expect(tally.firstError?.code == .timeout)
        #expect(tally.latencies.count == 3 && tally.failureLatencies.count == 1)

        var sum = tally
        sum.add(tally)
        #expect(sum.notRight == 6 && sum.latencies.count == 6 && sum.failureLatencies.count == 2)
    }

    @Test("A cancelled call is not a result")
    func cancellation() async throws {
        var tally = Tally()
        await #expect(throws: CancellationError.self) {
            try await tally.count { () async throws -> Int? in
                throw CancellationError()
            } isRight: {
                $0 == 1
            }
        }
        #expect(tally.failed == 0)
    }

    @Test("The last line has the form that scripts read")
    func summary() {
        var tally = Tally()
        for _ in 0..<1000 { tally.latencies.record(.microseconds(830)) }
        let gets = Measurement(tally: tally, elapsed: .milliseconds(25))
        let text = Summary(keys: 100_000, nodes: 3, wrong: 0, gets: gets).text
        #expect(
            text.wholeMatch(of: /demo: 100000 keys on 3 nodes, 0 wrong, 40000 gets\/s, p99 8[23]\d µs/) != nil
        )
    }
}

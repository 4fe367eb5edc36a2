import CachesTransport
import Logging
import Testing

@testable import CachesCluster

@Suite("Hand-overs that were broken off")
struct BrokenHandOversTests {
    private func topology(_ dsns: String...) throws -> PoolTopology {
        try PoolTopology(PoolConfiguration(dsns: dsns), PoolSurroundings(logger: Logger(label: "test")))
    }

    @Test("are remembered by both configurations, until their markers are gone")
    func remembered() async throws {
        let small = try topology("redis://127.0.0.1:1#a")
        let large = try topology("redis://127.0.0.1:1#a", "redis://127.0.0.1:2#b")
        var broken = BrokenHandOvers()
        try broken.check(from: small, to: large)
        // Its markers' time is over, but for the second that each has at least.
        broken.append(
            PoolTransition(
                .handingOver, from: small, to: large, markersEnd: .after(.milliseconds(1)),
                tally: HandOverTally()))
        let error = #expect(throws: CachesError.self) { try broken.check(from: small, to: large) }
        #expect(error?.code == .configuration)
        try broken.check(from: large, to: small)
        try await eventually { (try? broken.check(from: small, to: large)) != nil }
    }
}

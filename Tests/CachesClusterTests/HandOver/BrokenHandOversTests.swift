import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

@Suite("Hand-overs that were broken off")
struct BrokenHandOversTests {
    @Test(
        "Hand-overs that were broken off are remembered by both configurations, until their markers are gone")
    func remembered() async throws {
        let (small, large) = ("00000001", "00000002")
        var broken = BrokenHandOvers()
        try broken.check(from: small, to: large)
        // Its markers' time is over, but for the second that each has at least.
        broken.append(
            HandOverStep(
                .handingOver, HandOverMarkers(from: small, to: large), markersEnd: .after(.milliseconds(1)),
                tally: HandOverTally()), from: small, to: large)
        let error = #expect(throws: CachesError.self) { try broken.check(from: small, to: large) }
        #expect(error?.code == .configuration)
        try broken.check(from: large, to: small)
        try await eventually { (try? broken.check(from: small, to: large)) != nil }
    }
}

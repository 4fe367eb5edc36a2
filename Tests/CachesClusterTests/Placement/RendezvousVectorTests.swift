import Testing

@testable import CachesCluster

/// The contract with every other process and language: regenerate with `vectors.py`, and expect no
/// difference.
@Suite struct RendezvousVectorTests {
    struct Fleet: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var nodes: [(identity: String, weight: Double)]
        /// For each key the nodes by falling score.
        var orders: String
    }

    @Test("Owners and failover orders are those of an independent implementation", arguments: fleets)
    func golden(fleet: Fleet) {
        let placement = WeightedRendezvous(fleet.nodes)
        for (key, expected) in zip(Self.keys, fleet.orders.split(separator: " ")) {
            let order = placement.order(of: key).map(String.init).joined()
            #expect(order == expected, "\(key)")
            #expect(placement.owner(of: key) == placement.order(of: key)[0], "\(key)")
        }
    }

    static let keys =
        (0..<14).map { "user.\($0)" }
        + ["", "{user.1}.mail", "{}", "a{}{b}", "schlüssel", String(repeating: "long.", count: 20)]

    static let fleets = [
        Fleet(
            testDescription: "one node", nodes: [("only", 1)],
            orders: """
                0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                """),
        Fleet(
            testDescription: "three equal nodes", nodes: [("a", 1), ("b", 1), ("c", 1)],
            orders: """
                021 210 120 102 021 120 210 201 120 120 012 012 021 012 102 210 102 201 201 120
                """),
        Fleet(
            testDescription: "eight nodes without names",
            nodes: (1...8).map { ("10.0.0.\($0):6379/0", 1) },
            orders: """
                06324157 51204367 76350124 47320561 65024731 64375012 37152460 06725341 30256714 \
                41602735 53107246 03456271 54231706 13057642 07152463 51204367 51467320 53601472 \
                71426305 64175023
                """),
        Fleet(
            testDescription: "three weights", nodes: [("large", 10), ("medium", 2.5), ("small", 1)],
            orders: """
                021 102 102 021 012 012 201 012 021 021 012 021 102 012 102 102 102 012 102 102
                """),
        Fleet(
            testDescription: "names of every kind",
            nodes: [("[::1]:6379/2", 0.5), ("käse", 3), ("sessions/a", 1), ("sessions/b", 1)],
            orders: """
                2130 1230 1320 0132 1032 1032 1230 3120 0123 3120 3102 3120 1320 1320 1320 1230 \
                3120 0321 1230 2130
                """),
    ]
}

import Testing

@testable import CachesCluster

@Suite struct PanicRuleTests {
    @Test(
        "More than half of at least three nodes have to be out",
        arguments: [
            (0, 0, false), (0, 1, false), (1, 1, false), (1, 2, false), (2, 2, false), (1, 3, false),
            (2, 3, true), (3, 3, true), (2, 4, false), (3, 4, true), (50, 100, false), (51, 100, true),
        ] as [(Int, Int, Bool)])
    func holds(out: Int, all: Int, expected: Bool) {
        #expect(PanicRule.holds(out: out, of: all) == expected)
    }
}

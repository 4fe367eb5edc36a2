import Testing

@testable import CachesCluster

@Suite struct DoubtRuleTests {
    private func holders(_ count: Int, out: Set<Int>, most: Int = 2) -> [Int]? {
        DoubtRule.holders(in: Array(0..<count), most: most) { !out.contains($0) }
    }

    @Test("A write has two holders, one in a fleet of two, or nobody stands in")
    func holders() {
        #expect(holders(0, out: []) == nil)
        #expect(holders(1, out: []) == [0])
        #expect(holders(1, out: [0]) == nil)
        #expect(holders(2, out: []) == [0, 1])
        #expect(holders(2, out: [0]) == nil)
        #expect(holders(4, out: [0]) == [1, 2])
        #expect(holders(4, out: [1]) == [0, 2])
        #expect(holders(4, out: [0, 1, 2]) == nil)
        #expect(holders(3, out: [], most: 1) == [0])
    }

    @Test("Two of the first three make a doubt, one in a fleet of two")
    func doubt() {
        func holds(_ count: Int, _ unread: Set<Int>) -> Bool {
            DoubtRule.holds(in: Array(0..<count)) { unread.contains($0) }
        }
        #expect(!holds(0, []))
        #expect(!holds(1, []))
        #expect(holds(1, [0]))
        #expect(!holds(2, [1]))
        #expect(holds(2, [0, 1]))
        #expect(!holds(9, [0]))
        #expect(holds(9, [0, 2]))
        #expect(!holds(9, [0, 3, 4, 5, 6, 7, 8]))
    }

    @Test(
        "A reader that asked enough has asked a holder of each write, if the writer passed over at most one",
        arguments: 1...6)
    func meet(count: Int) {
        let all = Array(0..<count)
        for unread in Self.subsets(of: all) {
            let isInDoubt = DoubtRule.holds(in: all) { unread.contains($0) }
            #expect(!isInDoubt || DoubtRule.canHold(unread: unread.count, of: count))
            guard !isInDoubt else { continue }
            for out in Self.subsets(of: all) {
                // Counts the nodes among the first three that the reader has asked and that were out for the
                // writer.
                guard out.subtracting(unread).intersection(all.prefix(3)).count <= 1,
                    let holders = DoubtRule.holders(in: all, isInUse: { !out.contains($0) })
                else { continue }
                #expect(!unread.isSuperset(of: holders), "unread \(unread), out \(out)")
            }
        }
    }

    private static func subsets(of all: [Int]) -> [Set<Int>] {
        (0..<1 << all.count).map { bits in Set(all.filter { bits >> $0 & 1 == 1 }) }
    }

    @Test(
        "The silent and those that lost their notes count until the end, the unfinished until they are done")
    func end() {
        let end = ContinuousClock.now
        let doubt = Doubt(unread: ["a": .silent, "b": .lost, "c": .unfinished], since: 1, end: end)
        #expect(doubt.counted(now: end - .seconds(1)) == ["a", "b", "c"])
        #expect(doubt.counted(now: end) == ["c"])
        #expect(doubt.covers(["a", "b"], now: end - .seconds(1)))
        #expect(!doubt.covers(["a", "b"], now: end))
        #expect(doubt.covers(["c"], now: end + .seconds(3600)))
        #expect(!doubt.covers(["c", "a", "d"], now: end))
    }
}

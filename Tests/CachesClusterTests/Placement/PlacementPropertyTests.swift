import Testing

@testable import CachesCluster

/// Properties of every rule on random fleets, which are the same at each run.
@Suite struct PlacementPropertyTests {
    /// A fleet, its nodes in random order, and keys.
    private struct Fleet {
        var nodes: [Placement.Node]
        let keys: [String]

        init(_ rule: PlacementRule, seed: UInt64, isEven: Bool = true) {
            var generator = SplitMix64(seed: seed)
            // Beyond 24 nodes of equal weight twemproxy's rounding changes how many points each has.
            let count = Int.random(in: 2...20, using: &generator)
            let names = (0..<count).map { _ in "10.0.\(generator.next() % 99).\(generator.next()):6379" }
            nodes = names.map { name in
                .init(name, weight: isEven ? 1 : Double(Int.random(in: 1...9, using: &generator)))
            }
            keys = (0..<400).map { _ in
                "\(["user", "page", "{tag}"].randomElement(using: &generator)!).\(generator.next())"
            }
        }
    }

    private static let fleets: [(PlacementRule, UInt64)] = PlacementRule.allCases.flatMap { rule in
        (1...4).map { (rule, $0) }
    }

    @Test("The order in which the nodes are listed has no influence", arguments: fleets)
    func order(rule: PlacementRule, seed: UInt64) throws {
        let fleet = Fleet(rule, seed: seed, isEven: rule.weights == .equal)
        var generator = SplitMix64(seed: seed)
        let shuffled = fleet.nodes.shuffled(using: &generator)
        let (one, other) = (try Placement(rule, fleet.nodes), try Placement(rule, shuffled))
        for key in fleet.keys {
            #expect(one.order(of: key).map { one.nodes[$0] } == other.order(of: key).map { other.nodes[$0] })
        }
    }

    @Test("Every key has every node once in its order, its owner first", arguments: fleets)
    func permutation(rule: PlacementRule, seed: UInt64) throws {
        let fleet = Fleet(rule, seed: seed)
        let placement = try Placement(rule, fleet.nodes)
        for key in fleet.keys {
            let order = placement.order(of: key)
            #expect(order.sorted() == Array(fleet.nodes.indices))
            #expect(order[0] == placement.owner(of: key))
        }
    }

    @Test("When a node leaves, its keys go where its order says, and no other key moves", arguments: fleets)
    func leaving(rule: PlacementRule, seed: UInt64) throws {
        let fleet = Fleet(rule, seed: seed)
        let leaver = Int(seed) % fleet.nodes.count
        var remaining = fleet.nodes
        remaining.remove(at: leaver)
        let (before, after) = (try Placement(rule, fleet.nodes), try Placement(rule, remaining))
        for key in fleet.keys {
            let expected = before.order(of: key).filter { $0 != leaver }.map { before.nodes[$0] }
            #expect(after.order(of: key).map { after.nodes[$0] } == expected)
        }
    }

    @Test("Each node owns keys in proportion to its weight, within 2 %", arguments: [1, 2, 3] as [UInt64])
    func weights(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let weights = (0..<5).map { _ in Double.random(in: 1...4, using: &generator) }
        let nodes = weights.map { Placement.Node("\(generator.next())", weight: $0) }
        let placement = try Placement(.rendezvous, nodes)
        var owned = [Int](repeating: 0, count: nodes.count)
        for number in 0..<200_000 { owned[placement.owner(of: "user.\(number)")] += 1 }
        for (count, weight) in zip(owned, weights) {
            let share = Double(count) / (200_000 * weight / weights.reduce(0, +))
            #expect(abs(share - 1) < 0.02, "\(owned) for \(weights)")
        }
    }

    @Test(
        "A ring follows the weights as closely as 160 points a node allow",
        arguments: [.ketama, .twemproxy, .jedis] as [PlacementRule])
    func weightsOnRing(rule: PlacementRule) throws {
        let weights = [1.0, 2, 3, 4]
        let placement = try Placement(rule, weights.map { .init("node\($0)", weight: $0) })
        var owned = [Int](repeating: 0, count: 4)
        for number in 0..<40_000 { owned[placement.owner(of: "\(number).user")] += 1 }
        for (count, weight) in zip(owned, weights) {
            #expect(abs(Double(count) / (4000 * weight) - 1) < 0.25, "\(owned)")
        }
    }
}

/// Random numbers that are the same at each run (S. Vigna, splitmix64.c).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var x = state
        x = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
        x = (x ^ x >> 27) &* 0x94d0_49bb_1331_11eb
        return x ^ x >> 31
    }
}

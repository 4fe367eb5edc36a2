import CachesPlatform
import Testing

@testable import CachesCluster

@Suite struct WeightedRendezvousTests {
    private static func fleet(_ count: Int, weight: Double = 1) -> [(identity: String, weight: Double)] {
        (0..<count).map { ("node\($0)", weight) }
    }

    /// Keys as programs make them: consecutive numbers, not random bytes.
    private static func keys(_ count: Int) -> some Sequence<String> {
        (0..<count).lazy.map { "user.\($0)" }
    }

    @Test("The order in which the nodes are listed has no influence", arguments: [1.0, 2.0])
    func orderOfNodes(lastWeight: Double) {
        var nodes = Self.fleet(7)
        nodes[6].weight = lastWeight
        let shuffled = [3, 6, 0, 5, 1, 4, 2].map { nodes[$0] }
        let (one, other) = (WeightedRendezvous(nodes), WeightedRendezvous(shuffled))
        for key in Self.keys(2_000) {
            #expect(nodes[one.owner(of: key)].identity == shuffled[other.owner(of: key)].identity)
            #expect(
                one.order(of: key).map { nodes[$0].identity }
                    == other.order(of: key).map { shuffled[$0].identity })
        }
    }

    @Test("When a node leaves, its keys go to their second choice and no other key moves")
    func leaving() {
        let nodes = Self.fleet(8)
        let before = WeightedRendezvous(nodes)
        let remaining = nodes.filter { $0.identity != "node3" }
        let after = WeightedRendezvous(remaining)
        var received = [String: Int]()
        for key in Self.keys(24_000) {
            let order = before.order(of: key).map { nodes[$0].identity }
            let owner = remaining[after.owner(of: key)].identity
            #expect(owner == (order[0] == "node3" ? order[1] : order[0]))
            if order[0] == "node3" { received[owner, default: 0] += 1 }
        }
        #expect(received.count == 7)
        #expect(received.values.allSatisfy { abs($0 - 3000 / 7) < 90 }, "\(received)")
    }

    @Test("A node that joins takes its share, and keys move to it alone", arguments: [1, 3, 8, 20])
    func joining(count: Int) {
        let before = WeightedRendezvous(Self.fleet(count))
        let after = WeightedRendezvous(Self.fleet(count + 1))
        var moved = 0
        for key in Self.keys(100_000) {
            let owner = after.owner(of: key)
            guard owner != before.owner(of: key) else { continue }
            #expect(owner == count)
            moved += 1
        }
        #expect(abs(Double(moved) / 100_000 - 1 / Double(count + 1)) < 0.005)
    }

    @Test("The busiest of eight nodes owns at most 3 % more keys than the average")
    func evenness() {
        let placement = WeightedRendezvous(Self.fleet(8))
        var owned = [Int](repeating: 0, count: 8)
        for key in Self.keys(200_000) { owned[placement.owner(of: key)] += 1 }
        #expect(owned.max()! <= 25_750, "\(owned)")
        #expect(owned.min()! >= 24_250, "\(owned)")
    }

    @Test("Each node owns keys in proportion to its weight, within 2 %")
    func weights() {
        let weights: [Double] = [1, 2, 0.5, 4, 2.5]
        let placement = WeightedRendezvous(weights.enumerated().map { ("node\($0.offset)", $0.element) })
        var owned = [Int](repeating: 0, count: 5)
        for key in Self.keys(200_000) { owned[placement.owner(of: key)] += 1 }
        for (count, weight) in zip(owned, weights) {
            let share = Double(count) / (200_000 * weight / 10)
            #expect(abs(share - 1) < 0.02, "\(owned)")
        }
    }

    @Test("Raising one weight moves keys to that node alone")
    func heavier() {
        var nodes = Self.fleet(5)
        let before = WeightedRendezvous(nodes)
        nodes[2].weight = 1.5
        let after = WeightedRendezvous(nodes)
        for key in Self.keys(20_000) where after.owner(of: key) != before.owner(of: key) {
            #expect(after.owner(of: key) == 2)
        }
    }

    @Test("Equal weights choose as the formula with its logarithm does", arguments: [0.001, 1, 3.7, 1e9])
    func equalWeights(weight: Double) {
        let nodes = Self.fleet(9, weight: weight)
        let placement = WeightedRendezvous(nodes)
        for key in Self.keys(5_000) {
            let hash = HashTag.hash(of: key)
            let scores = nodes.map { node in
                let fraction = WeightedRendezvous.fraction(hash, XXHash64.hash(of: node.identity))
                return weight / -log((Double(fraction) + 0.5) / 0x1p52)
            }
            let order = scores.indices.sorted { scores[$0] > scores[$1] }
            #expect(placement.order(of: key) == order)
            #expect(placement.owner(of: key) == order[0])
        }
    }

    @Test("Neighbouring fractions never get the same score")
    func strictness() {
        let top = UInt64(1) << 52 - 1
        let around = [0, 1, top / 1000, top / 3, UInt64(0x1p52 / M_E), top / 2, top * 2 / 3, top - 1000]
        for start in around {
            for fraction in start..<start + 1000 where fraction < top {
                let scores = [fraction, fraction + 1].map { 1 / -log((Double($0) + 0.5) * 0x1p-52) }
                #expect(scores[0] < scores[1] && scores[0] > 0 && scores[1].isFinite, "\(fraction)")
            }
        }
    }

    @Test("A score that two nodes share goes to the identity that is first in byte order")
    func ties() {
        // The smallest of all numbers as weights leave room for few different scores: most are the same.
        let least = Double.leastNonzeroMagnitude
        let weights = ["z": least, "b": least, "é": least, "m": 2 * least]
        var ties = 0
        for identities in [["z", "b", "m", "é"], ["b", "é", "z", "m"], ["m", "é", "z", "b"]] {
            let nodes = identities.map { (identity: $0, weight: weights[$0]!) }
            let placement = WeightedRendezvous(nodes)
            for key in Self.keys(200) {
                let scores = nodes.map { node in
                    let fraction = WeightedRendezvous.fraction(
                        HashTag.hash(of: key), XXHash64.hash(of: node.identity))
                    return node.weight / -log((Double(fraction) + 0.5) * 0x1p-52)
                }
                let order = placement.order(of: key)
                #expect(placement.owner(of: key) == order[0])
                for (one, next) in zip(order, order.dropFirst()) {
                    #expect(scores[one] >= scores[next])
                    guard scores[one] == scores[next] else { continue }
                    ties += 1
                    #expect(identities[one].utf8.lexicographicallyPrecedes(identities[next].utf8))
                }
            }
        }
        #expect(ties > 300)
    }

    @Test("One node owns everything")
    func single() {
        let placement = WeightedRendezvous([("only", 1)])
        for key in ["", "a", "{}", "user.1"] {
            #expect(placement.owner(of: key) == 0)
            #expect(placement.order(of: key) == [0])
        }
    }
}

import CachesPlatform

// Decides which node owns a key.
//
// Every node gets a score for the key, and the highest score wins. A node's score depends only on the node
// and the key. So the order of the list does not matter, processes must agree on nothing but the names, and
// when a node leaves only its own keys move, spread evenly over the rest. (D. Thaler, C. Ravishankar, "Using
// Name-Based Mappings to Increase Hit Rates", 1998; the weights as in J. Resch, "New Hashing Algorithms for
// Data Storage", SDC 2015.)
//
// The score is a contract with every process that shares the servers, whatever its language:
//
//     k = xxHash64(seed 0) of the key's hash tag, or of the whole key without one    (HashTag.swift)
//     s = xxHash64(seed 0) of the node's identity, as UTF-8
//     x = k ^ s                              then the finaliser of SplitMix64, Stafford's variant 13:
//     x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9        modulo 2⁶⁴
//     x = (x ^ x >> 27) * 0x94d049bb133111eb        modulo 2⁶⁴
//     x =  x ^ x >> 31
//     u = ((x >> 12) + 0.5) / 2⁵²            exact in a double, above 0 and below 1
//     score = weight / -ln(u)                in doubles
//
// The owner is the node with the highest score; of two with the same score, the one whose identity comes
// first in the order of its UTF-8 bytes. The second, third … highest score are the failover order.
//
// weight / -ln(u) grows with u, strictly so in doubles as well: neighbouring values of u are 2⁻⁵² apart,
// which moves the quotient by a relative e·2⁻⁵² or more, over twice the spacing of doubles. Hence nodes of
// equal weight compare x >> 12 and need no logarithm. Between different weights, two libraries whose
// logarithms differ in the last bit may disagree about one key in some 10¹⁵.

/// Places keys on nodes by weighted rendezvous hashing (highest random weight).
///
/// Each node owns a share of the keys in proportion to its weight. If a node leaves, only its own keys move;
/// a node that joins takes its share evenly from the rest. The order of the nodes in the list does not
/// matter.
///
/// ```swift
/// let placement = WeightedRendezvous([("a", 1), ("b", 1), ("c", 2)])
/// placement.owner(of: "user.42")    // the index of a node; the third owns half of all keys
/// placement.order(of: "user.42")    // all indices, the owner first: where to go when it is down
/// ```
public struct WeightedRendezvous: Sendable {
    /// One hash per node, in the byte order of the identities: the first of equals wins, whatever the order
    /// of the caller's list.
    private let seeds: [UInt64]

    /// The weights, parallel to `seeds`; empty if all are equal.
    private let weights: [Double]

    /// The positions in the caller's list, parallel to `seeds`.
    private let positions: [Int]

    /// A placement over nodes, each with a unique identity and a weight above 0.
    ///
    /// Traps on an empty list, on an identity that occurs twice and on a weight that isn't positive and
    /// finite: a ``PoolConfiguration`` has been checked for all of them.
    public init(_ nodes: [(identity: String, weight: Double)]) {
        precondition(!nodes.isEmpty, "a placement needs at least one node")
        precondition(
            nodes.allSatisfy { $0.weight > 0 && $0.weight.isFinite }, "a weight must be above 0 and finite")
        let order = nodes.indices.sorted {
            nodes[$0].identity.utf8.lexicographicallyPrecedes(nodes[$1].identity.utf8)
        }
        precondition(
            zip(order, order.dropFirst()).allSatisfy { nodes[$0].identity != nodes[$1].identity },
            "two nodes have the same identity")
        seeds = order.map { XXHash64.hash(of: nodes[$0].identity) }
        let isEven = nodes.allSatisfy { $0.weight == nodes[0].weight }
        weights = isEven ? [] : order.map { nodes[$0].weight }
        positions = order
    }

    /// The number of nodes.
    public var count: Int { seeds.count }

    /// The index of the node that owns a key. Allocates nothing.
    public func owner(of key: String) -> Int { owner(ofHash: HashTag.hash(of: key)) }

    /// The index of the node that owns a key with some hash.
    func owner(ofHash hash: UInt64) -> Int {
        positions[weights.isEmpty ? ownerByFraction(hash) : ownerByScore(hash)]
    }

    /// The indices of all nodes, by falling score: the owner, then the nodes to use when it is down.
    public func order(of key: String) -> [Int] { key.withUTF8Span { order(of: $0) } }

    func order(of key: Span<UInt8>) -> [Int] { ranking(ofHash: HashTag.hash(of: key)).map { positions[$0] } }

    func explanation(of key: Span<UInt8>) -> PlacementExplanation {
        let hash = HashTag.hash(of: key)
        return PlacementExplanation(
            key, HashTag.range(in: key), hash: hash.hexadecimal,
            ranking(ofHash: hash).map { .init(node: positions[$0], score: score(hash, $0)) })
    }

    private func ownerByFraction(_ hash: UInt64) -> Int {
        var best = 0
        var highest = Self.fraction(hash, seeds[0])
        for index in 1..<seeds.count {
            let fraction = Self.fraction(hash, seeds[index])
            if fraction > highest { (best, highest) = (index, fraction) }
        }
        return best
    }

    // A function of its own, so that the common case needs few registers.
    @inline(never)
    private func ownerByScore(_ hash: UInt64) -> Int {
        var best = 0
        var highest = score(hash, 0)
        for index in 1..<seeds.count {
            let score = score(hash, index)
            if score > highest { (best, highest) = (index, score) }
        }
        return best
    }

    /// The indices in `seeds` by falling score.
    private func ranking(ofHash hash: UInt64) -> [Int] {
        let scores = seeds.indices.map {
            weights.isEmpty ? Double(Self.fraction(hash, seeds[$0])) : score(hash, $0)
        }
        return seeds.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    }

    private func score(_ hash: UInt64, _ index: Int) -> Double {
        let u = (Double(Self.fraction(hash, seeds[index])) + 0.5) * 0x1p-52
        return (weights.isEmpty ? 1 : weights[index]) / -log(u)
    }

    /// The score before its weight: the upper 52 bits of the mix of a key's hash and a node's.
    @inline(__always)
    static func fraction(_ hash: UInt64, _ seed: UInt64) -> UInt64 {
        var x = hash ^ seed
        x = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
        x = (x ^ x >> 27) &* 0x94d0_49bb_1331_11eb
        x ^= x >> 31
        return x >> 12
    }
}

/// The rendezvous hashing of go-redis' `Ring`.
///
/// The owner is the node whose score, a mix of xxHash64 of the key and of the node's name, is the highest.
/// Nodes have no weights. Of equal scores the first in the list counts. Source: `ring.go` of go-redis 9 and
/// github.com/dgryski/go-rendezvous.
struct GoRedisRendezvous: Sendable {
    private let seeds: [UInt64]

    init(_ nodes: [Placement.Node]) { seeds = nodes.map { XXHash64.hash(of: $0.identity) } }

    func owner(ofHash hash: UInt64) -> Int {
        var best = 0
        var highest = Self.score(hash, seeds[0])
        for index in 1..<seeds.count {
            let score = Self.score(hash, seeds[index])
            if score > highest { (best, highest) = (index, score) }
        }
        return best
    }

    func order(of key: Span<UInt8>) -> [Int] { order(ofHash: HashTag.hash(of: key)) }

    func explanation(of key: Span<UInt8>) -> PlacementExplanation {
        let hash = HashTag.hash(of: key)
        return PlacementExplanation(
            key, HashTag.range(in: key), hash: hash.hexadecimal,
            order(ofHash: hash).map { .init(node: $0, score: Double(Self.score(hash, seeds[$0]))) })
    }

    private func order(ofHash hash: UInt64) -> [Int] {
        let scores = seeds.map { Self.score(hash, $0) }
        return seeds.indices.sorted { scores[$0] > scores[$1] }
    }

    /// One step of xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift generators,
    /// scrambled", 2016).
    @inline(__always)
    static func score(_ hash: UInt64, _ seed: UInt64) -> UInt64 {
        var x = hash ^ seed
        x ^= x >> 12
        x ^= x << 25
        x ^= x >> 27
        return x &* 2_685_821_657_736_338_717
    }
}

/// The ring of jedis' `ShardedJedis`.
///
/// A node has 160 · weight points, by Murmur2 of `name*n`, or of `SHARD-i-NODE-n` for the i-th node in the
/// list if it has no name. Points and positions are signed numbers. Of equal points the last counts. Source:
/// `Sharded.java` and `MurmurHash.java` of jedis 4.
enum Jedis: RingRule {
    static func points(of nodes: [Placement.Node]) -> [RingPoint] {
        nodes.enumerated().reversed().flatMap { index, node in
            let name = node.identity.isEmpty ? "SHARD-\(index)-NODE-" : node.identity + "*"
            return (0..<160 * Int(node.weight)).map { number in
                RingPoint(circular("\(name)\(number)".withUTF8Span { Murmur2.hash(of: $0) }), index)
            }
        }
    }

    static func position(ofPart part: Span<UInt8>) -> UInt64 { circular(Murmur2.hash(of: part)) }

    static func text(_ position: UInt64) -> String { "\(Int64(bitPattern: circular(position)))" }

    /// Maps signed numbers to unsigned ones in the same order, and back.
    private static func circular(_ number: UInt64) -> UInt64 { number ^ 1 << 63 }
}

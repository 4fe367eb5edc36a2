/// The ring of jedis' `ShardedJedis`.
///
/// A node has 160 · weight points, by Murmur2 of `name*n`, or of `SHARD-i-NODE-n` for one without a name that
/// is i-th in the list. Points and positions are numbers with a sign. Of equal points the last counts.
/// Source: `Sharded.java` and `MurmurHash.java` of jedis 4.
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

    /// Numbers with a sign in the order of those without, and back.
    private static func circular(_ number: UInt64) -> UInt64 { number ^ 1 << 63 }
}

/// The ring of redis-rb's `Redis::Distributed`.
///
/// A node has 160 points: for i = 0 … 159 the first big-endian number in the MD5 of `id:i`. A key's position
/// is its CRC-32, and the point at or **before** it decides. Of equal points the last counts. Source:
/// `lib/redis/hash_ring.rb` and `lib/redis/distributed.rb` of redis-rb 5.
enum RedisRB: RingRule {
    static func points(of nodes: [Placement.Node]) -> [RingPoint] {
        nodes.enumerated().reversed().flatMap { index, node in
            (0..<160).map {
                RingPoint(~(UInt64(MD5.hash(of: "\(node.identity):\($0)").0.byteSwapped) << 32), index)
            }
        }
    }

    static func position(ofPart part: Span<UInt8>) -> UInt64 { ~(UInt64(CRC32.hash(of: part)) << 32) }

    /// The tag is the match of `/^\{(.+?)\}/`: at the beginning of a line, a brace, at least one byte, and
    /// the next closing brace on the same line.
    static func part(of key: Span<UInt8>) -> Range<Int> {
        var isAtLineStart = true
        for index in 0..<key.count {
            if isAtLineStart, key[index] == UInt8(ascii: "{"), let tag = tag(in: key, after: index) {
                return tag
            }
            isAtLineStart = key[index] == UInt8(ascii: "\n")
        }
        return 0..<key.count
    }

    static func text(_ position: UInt64) -> String { "\(~position >> 32)" }

    private static func tag(in key: Span<UInt8>, after open: Int) -> Range<Int>? {
        var index = open + 1
        while index < key.count, key[index] != UInt8(ascii: "\n") {
            // The first byte of a tag may be a brace itself.
            if key[index] == UInt8(ascii: "}"), index > open + 1 { return open + 1..<index }
            index += 1
        }
        return nil
    }
}

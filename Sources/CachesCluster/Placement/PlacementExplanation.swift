/// Explains why a key is where it is.
public struct PlacementExplanation: Hashable, Sendable {
    /// A node's place in the order of a key.
    public struct Rank: Hashable, Sendable {
        /// The node's index.
        public let node: Int

        /// The node's score, if the rule computes scores: the highest owns the key.
        public var score: Double?

        /// The node's first point at or after the key's position, if the rule is a ring: the nearest owns the
        /// key. redis-rb looks backward. nil for a node that has no point.
        public var point: String?
    }

    /// The part of the key that is hashed: its hash tag, or all of it.
    public let part: String

    /// The hash of that part: in hexadecimal if the rule computes scores; for a ring, the key's position on
    /// it.
    public let hash: String

    /// All nodes, the owner first.
    public let ranks: [Rank]

    init(_ key: Span<UInt8>, _ range: Range<Int>, hash: String, _ ranks: [Rank]) {
        part = String(decoding: range.map { key[$0] }, as: UTF8.self)
        self.hash = hash
        self.ranks = ranks
    }
}

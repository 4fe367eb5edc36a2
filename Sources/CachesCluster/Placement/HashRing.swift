// The rings of other clients.
//
// Each node has many points on a circle of numbers, and a key belongs to the node whose point is the first at
// or after the key's own position; the first point follows the last. A node that leaves gives its arcs to the
// points that follow them. (D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997.)
//
// Clients differ in how points and positions are made, as a ``RingRule`` defines. All of them are mapped to
// one circle, that of unsigned 64-bit numbers:
//
// - Numbers of 32 bits become the upper half.
// - Signed numbers get their upper bit flipped, which keeps their order.
// - If the point *before* the key decides, all bits of points and positions are flipped: that reverses the
//   circle.
//
// A look-up takes the key's upper bits as an index into a table of at least as many buckets as there are
// points, and begins at the bucket's first point: nearly always that is the right one or the one before it.

/// The rules that make a hash ring compatible with a certain client.
protocol RingRule: Sendable {
    /// The points of all nodes. Of equal points the first counts.
    static func points(of nodes: [Placement.Node]) -> [RingPoint]

    /// The part of a key that decides where it lives.
    static func part(of key: Span<UInt8>) -> Range<Int>

    /// The position of such a part on the circle.
    static func position(ofPart part: Span<UInt8>) -> UInt64

    /// The point or position as the client itself would print it.
    static func text(_ position: UInt64) -> String
}

extension RingRule {
    static func part(of key: Span<UInt8>) -> Range<Int> { HashTag.range(in: key) }

    static func text(_ position: UInt64) -> String { "\(position >> 32)" }

    /// The position of a key on the circle.
    static func position(of key: Span<UInt8>) -> UInt64 { position(ofPart: key.extracting(part(of: key))) }
}

/// A position on the circle, and the index of the node it belongs to.
struct RingPoint: Equatable, Sendable {
    let position: UInt64
    let node: UInt32

    init(_ position: UInt64, _ node: Int) {
        self.position = position
        self.node = UInt32(node)
    }
}

/// Places keys as a certain client's ring does.
struct HashRing<Rule: RingRule>: Sendable {
    /// The number of nodes. A node with a very small weight may have no point.
    let count: Int

    /// In rising order, each position once.
    private let points: [RingPoint]

    /// For each value of a position's upper bits, the index of the first point at or after it.
    private let buckets: [UInt32]

    /// How many lower bits of a position a bucket spans.
    private let shift: UInt64

    init(_ nodes: [Placement.Node]) {
        count = nodes.count
        var points: [RingPoint] = []
        // Swift's sort keeps the order of equals.
        for point in Rule.points(of: nodes).sorted(by: { $0.position < $1.position })
        where point.position != points.last?.position {
            points.append(point)
        }
        precondition(!points.isEmpty, "a ring needs at least one point")
        self.points = points

        let bits = max(1, UInt64(UInt64.bitWidth - points.count.leadingZeroBitCount))
        shift = 64 - bits
        var buckets: [UInt32] = []
        var index = 0
        for bucket in 0..<UInt64(1) << bits {
            while index < points.count, points[index].position < bucket << shift { index += 1 }
            buckets.append(UInt32(index))
        }
        self.buckets = buckets
    }

    /// The index of the node that owns a key at some position.
    func owner(at position: UInt64) -> Int { Int(points[index(of: position)].node) }

    /// The indices of all nodes, in the order in which their points follow the key; nodes without points come
    /// last.
    func order(of key: Span<UInt8>) -> [Int] { successors(of: Rule.position(of: key)).map(\.node) }

    func explanation(of key: Span<UInt8>) -> PlacementExplanation {
        let position = Rule.position(of: key)
        return PlacementExplanation(
            key, Rule.part(of: key), hash: Rule.text(position),
            successors(of: position).map { .init(node: $0.node, point: $0.position.map(Rule.text)) })
    }

    /// Each node with its first point after a position, the nearest first; nodes without points come last.
    private func successors(of position: UInt64) -> [(node: Int, position: UInt64?)] {
        var successors: [(node: Int, position: UInt64?)] = []
        var isFound = [Bool](repeating: false, count: count)
        let first = index(of: position)
        for step in points.indices {
            guard successors.count < count else { break }
            let point = points[(first + step) % points.count]
            guard !isFound[Int(point.node)] else { continue }
            isFound[Int(point.node)] = true
            successors.append((Int(point.node), point.position))
        }
        for node in 0..<count where !isFound[node] { successors.append((node, nil)) }
        return successors
    }

    private func index(of position: UInt64) -> Int {
        var index = Int(buckets[Int(position >> shift)])
        while index < points.count, points[index].position < position { index += 1 }
        return index == points.count ? 0 : index
    }
}

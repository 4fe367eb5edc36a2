/// What of many things is one node's, by their positions among all.
///
/// Public for code that is compiled where many calls are made together, for the type of what comes of them.
public struct NodeShare: Sendable {
    public let node: Node
    public var positions: [Int] = []

    /// The most commands that are sent before the first of their replies is waited for: half of what may wait on a
    /// connection by default.
    package static let mostAtOnce = 65_536

    /// So many positions have room from the start.
    @inlinable static var usualCount: Int { 64 }

    package init(of node: Node) { self.node = node }

    /// The positions, as many at a time as may be sent at once.
    package var portions: [ArraySlice<Int>] {
        stride(from: 0, to: positions.count, by: Self.mostAtOnce).map {
            positions[$0..<min($0 + Self.mostAtOnce, positions.count)]
        }
    }

    @inlinable @inline(__always)
    public mutating func append(_ position: Int) {
        if positions.isEmpty { positions.reserveCapacity(Self.usualCount) }
        positions.append(position)
    }
}

extension [NodeShare] {
    /// The shares of all nodes that have one, in the order in which these first come.
    package init(of positions: [Int], by node: (Int) -> Node) {
        self = []
        for position in positions { append(position, of: node(position)) }
    }

    /// Adds a position to its node's share.
    package mutating func append(_ position: Int, of node: Node) {
        // From the front: for a few dozen nodes that is no slower than hashing.
        let index = firstIndex { $0.node === node } ?? count
        if index == count { append(NodeShare(of: node)) }
        self[index].append(position)
    }

    /// Does something with each share, with all at once.
    /// - Returns: What came of each, in any order.
    @inlinable
    public func concurrently<Output: Sendable>(
        _ body: @escaping @Sendable (NodeShare) async -> Output
    ) async -> [(share: NodeShare, output: Output)] {
        guard let first else { return [] }
        // The first is the caller's own work: with a single node there is no task to make at all.
        return await withTaskGroup { group in
            for share in dropFirst() { group.addTask { (share, await body(share)) } }
            var all = [(first, await body(first))]
            for await result in group { all.append(result) }
            return all
        }
    }
}

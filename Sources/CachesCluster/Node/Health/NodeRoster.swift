internal import CachesTransport

/// The nodes of a pool that are in use. They refer to the roster, so it does not retain them.
final class NodeRoster: Sendable {
    private struct Weak: Sendable {
        weak let node: Node?
    }

    private struct Members: Sendable {
        var nodes: [Weak] = []
        /// The sets of nodes, by position, that keys are spread over.
        var spreads: [[Int]] = []
    }

    private let members = Locked(Members())

    /// Sets the nodes in use, and the sets of them, by position, that keys are spread over.
    func set(_ nodes: [Node], spreads: [[Int]]) {
        let nodes = nodes.map { Weak(node: $0) }
        members.withLock { $0 = Members(nodes: nodes, spreads: spreads) }
    }

    /// The nodes in use.
    var nodes: [Node] { members.withLock { $0.nodes }.compactMap(\.node) }

    /// The other nodes that some keys of a node are spread over, for each such set.
    func spreads(with node: Node) -> [[Node]] {
        let members = members.withLock { $0 }
        return members.spreads.map { $0.compactMap { members.nodes[$0].node } }
            .filter { $0.contains { $0 === node } }
            .map { $0.filter { !$0.isSameServer(as: node) } }
    }

    /// All nodes but those on the same server as `node`.
    func others(than node: Node) -> [Node] { nodes.filter { !$0.isSameServer(as: node) } }

    /// Whether more than half of the nodes are out: see ``PanicRule``.
    var isInPanic: Bool {
        let nodes = members.withLock { $0.nodes }
        return PanicRule.holds(out: nodes.count { $0.node?.isOut ?? false }, of: nodes.count)
    }
}

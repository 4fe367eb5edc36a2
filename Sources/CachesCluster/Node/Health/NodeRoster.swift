internal import CachesTransport

/// The nodes of a pool that are in use. They refer to it, so it does not keep them.
final class NodeRoster: Sendable {
    private struct Weak: Sendable {
        weak let node: Node?
    }

    private let members = Guarded<[Weak]>([])

    /// The nodes in use from now on.
    func set(_ nodes: [Node]) {
        let nodes = nodes.map { Weak(node: $0) }
        members.withLock { $0 = nodes }
    }

    /// The nodes in use.
    var nodes: [Node] { members.withLock { $0 }.compactMap(\.node) }

    /// All but one, and but those that are the same server.
    func others(than node: Node) -> [Node] { nodes.filter { !$0.isSameServer(as: node) } }

    /// Whether more than half of them are out: see ``PanicRule``.
    var isInPanic: Bool {
        let nodes = members.withLock { $0 }
        return PanicRule.holds(out: nodes.count { $0.node?.isOut ?? false }, of: nodes.count)
    }
}

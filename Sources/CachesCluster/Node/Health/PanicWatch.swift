internal import CachesTransport

/// Looks at a pool's nodes for the panic rule. The nodes refer to it, so it does not keep them.
final class PanicWatch: Sendable {
    private struct Weak: Sendable {
        weak let node: Node?
    }

    private let nodes = Guarded<[Weak]>([])

    /// The nodes to look at, in place of those before.
    func watch(_ watched: [Node]) {
        let watched = watched.map { Weak(node: $0) }
        nodes.withLock { $0 = watched }
    }

    /// Whether more than half of them are out.
    var holds: Bool {
        let nodes = nodes.withLock { $0 }
        return PanicRule.holds(out: nodes.count { $0.node?.isOut ?? false }, of: nodes.count)
    }
}

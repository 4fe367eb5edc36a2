import Logging

/// What a pool's nodes have in common, whatever its topology.
struct PoolSurroundings: Sendable {
    let logger: Logger

    /// What the nodes tell, for all who listen.
    let hub = NodeEventHub()

    /// Looks at the nodes that are in use.
    let panic = PanicWatch()

    /// What nodes are made with.
    var hooks: NodeHooks {
        var hooks = NodeHooks()
        hooks.changed = { [hub] in hub.publish($0) }
        hooks.admitsWhenOut = { [panic] in panic.holds }
        return hooks
    }
}

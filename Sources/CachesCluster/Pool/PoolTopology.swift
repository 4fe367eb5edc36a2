import CachesTransport
internal import Logging

/// The nodes of a pool, and what each connection's name stands for.
// Classes, since a look-up would copy structs, and count their arrays' references, for each call.
final class PoolTopology: Sendable {
    /// Nodes that keys are spread over, and how.
    final class Route: Sendable {
        let nodes: [Node]
        private let placement: Placement

        fileprivate init(_ rule: PlacementRule, _ nodes: [Node]) throws(CachesError) {
            self.nodes = nodes
            placement = try Placement(rule, on: nodes.map(\.configuration))
        }

        /// The node that owns a key.
        func owner(of key: String) -> Node {
            nodes.count == 1 ? nodes[0] : nodes[placement.owner(of: key)]
        }

        /// All nodes by falling claim to a key: the owner, then where the key would go if that were out.
        func order(of key: String) -> [Node] { placement.order(of: key).map { nodes[$0] } }
    }

    /// Every node.
    let all: Route

    /// What pools have in common that place all keys alike.
    let fingerprint: String

    private let named: [String: Route]
    private let directory: NodeDirectory

    init(
        _ configuration: PoolConfiguration, _ logger: Logger, _ hub: NodeEventHub
    ) throws(CachesError) {
        directory = try NodeDirectory(configuration.nodes)
        fingerprint = Placement.fingerprint(configuration.placement, on: configuration.nodes)
        let panic = PanicWatch()
        var hooks = NodeHooks()
        hooks.changed = { hub.publish($0) }
        hooks.admitsWhenOut = { panic.holds }
        let nodes = configuration.nodes.map { [fingerprint, hooks] in
            Node(
                $0, fingerprint: fingerprint, defaultDeadline: configuration.deadline,
                health: configuration.health, hooks: hooks, logger: logger)
        }
        panic.watch(nodes)
        all = try Route(configuration.placement, nodes)
        var named: [String: Route] = [:]
        for (name, positions) in directory.positions {
            named[name] = try Route(configuration.placement, positions.map { nodes[$0] })
        }
        self.named = named
    }

    /// Where the keys of a connection live.
    /// - Throws: ``CachesError`` of code `configuration` for a name that no node and no group has.
    func route(_ connection: ConnectionName) throws(CachesError) -> Route {
        guard connection != .sharded else { return all }
        guard let route = named[connection.name] else { throw directory.unknown(connection) }
        return route
    }
}

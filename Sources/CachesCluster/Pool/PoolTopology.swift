import CachesTransport

/// The nodes of a pool, and what each connection's name stands for.
// Classes, since a look-up would copy structs, and count their arrays' references, for each call.
package final class PoolTopology: Sendable {
    /// Nodes that keys are spread over, and how.
    package final class Route: Sendable {
        let nodes: [Node]
        private let placement: Placement

        fileprivate init(
            _ rule: PlacementRule, _ configurations: [NodeConfiguration], _ nodes: [Node]
        ) throws(CachesError) {
            self.nodes = nodes
            placement = try Placement(rule, on: configurations)
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

    let directory: NodeDirectory

    /// What calls do while a node is out, where their class doesn't say.
    let outagePolicy: OutagePolicy?

    /// Nodes that have a copy of another's data, by its name.
    let replicas: [String: [Node]]

    private let named: [String: Route]

    /// - Parameter others: Nodes of an earlier topology, with their connections: those that are configured in the
    ///   same way are used on.
    init(
        _ configuration: PoolConfiguration, _ surroundings: PoolSurroundings, reusing others: [Node] = []
    ) throws(CachesError) {
        directory = try configuration.directory()
        outagePolicy = configuration.outagePolicy
        fingerprint = Placement.fingerprint(configuration.placement, on: configuration.nodes)
        let make = { [fingerprint] (node: NodeConfiguration) in
            others.first { $0.isMade(as: node, in: configuration) }
                ?? Node(
                    node, fingerprint: fingerprint, defaultDeadline: configuration.deadline,
                    health: configuration.health,
                    hooks: node.replicaOf == nil ? surroundings.hooks : surroundings.replicaHooks,
                    logger: surroundings.logger)
        }
        let nodes = configuration.nodes.map(make)
        replicas = Dictionary(grouping: configuration.replicas.map(make)) { $0.configuration.replicaOf ?? "" }
        all = try Route(configuration.placement, configuration.nodes, nodes)
        var named: [String: Route] = [:]
        for (name, positions) in directory.positions {
            named[name] = try Route(
                configuration.placement, positions.map { configuration.nodes[$0] },
                positions.map { nodes[$0] })
        }
        self.named = named
    }

    /// Every node, those that own no keys included.
    var nodesAndReplicas: [Node] { all.nodes + replicas.values.joined() }

    /// Where the keys of a connection live.
    /// - Throws: ``CachesError`` of code `configuration` for a name that no node and no group has.
    func route(_ connection: ConnectionName) throws(CachesError) -> Route {
        guard connection != .sharded else { return all }
        guard let route = named[connection.name] else { throw directory.unknown(connection) }
        return route
    }
}

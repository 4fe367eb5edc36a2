import CachesTransport
internal import Logging

/// The nodes of a pool, and what each connection's name stands for.
// Classes, since a look-up would copy structs, and count their arrays' references, for each call.
final class PoolTopology: Sendable {
    /// Nodes that keys are spread over, and how.
    final class Route: Sendable {
        let nodes: [Node]
        private let placement: WeightedRendezvous

        fileprivate init(_ nodes: [Node]) {
            self.nodes = nodes
            placement = WeightedRendezvous(
                nodes.map { ($0.configuration.identity, $0.configuration.weight) })
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

    private let named: [String: Route]
    private let directory: NodeDirectory

    init(_ configuration: PoolConfiguration, _ logger: Logger) throws(CachesError) {
        directory = try NodeDirectory(configuration.nodes)
        let nodes = configuration.nodes.map {
            Node($0, defaultDeadline: configuration.deadline, logger: logger, on: .shared)
        }
        all = Route(nodes)
        named = directory.positions.mapValues { Route($0.map { nodes[$0] }) }
    }

    /// Where the keys of a connection live.
    /// - Throws: ``CachesError`` of code `configuration` for a name that no node and no group has.
    func route(_ connection: ConnectionName) throws(CachesError) -> Route {
        guard connection != .sharded else { return all }
        guard let route = named[connection.name] else { throw directory.unknown(connection) }
        return route
    }
}

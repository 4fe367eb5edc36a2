import CachesCluster
import CachesTransport
import Logging

/// Nodes that keys are placed on, or would be.
struct PlannedFleet: Sendable {
    enum Members: Sendable {
        /// The servers of a pool that the connection name selects.
        case servers(PoolConfiguration, connection: ConnectionName)
        /// Nodes without a server. Their name is the text that is hashed for them.
        case nodes([Placement.Node])
    }

    var rule: PlacementRule
    var members: Members

    /// The nodes' names, and the placement of keys on them.
    func placement() throws(CachesError) -> NamedPlacement {
        switch members {
        case .nodes(let nodes):
            return NamedPlacement(names: nodes.map(\.identity), placement: try Placement(rule, nodes))
        case .servers(var configuration, let connection):
            configuration.placement = rule
            // Making a pool checks the whole configuration, and connects to nothing.
            let servers = try CachePool(configuration, logger: .silent).members(connection: connection)
                .map(\.configuration)
            return NamedPlacement(names: servers.map(\.name), placement: try Placement(rule, on: servers))
        }
    }

    /// Adds a node: a DSN to servers, a name with a weight to nodes without a server.
    mutating func add(_ text: String) throws(CachesError) {
        switch members {
        case .nodes(let nodes):
            guard let node = NodeList.node(text) else {
                throw CachesError(
                    .configuration, "--add: this is not a name, or a name and its weight.",
                    advice: "With --nodes, write --add d or --add d=2.")
            }
            members = .nodes(nodes + [node])
        case .servers(var configuration, let connection):
            configuration.nodes.append(try NodeConfiguration(dsn: text, source: "--add"))
            members = .servers(configuration, connection: connection)
        }
    }

    /// Removes a node by its name.
    mutating func remove(_ name: String) throws(CachesError) {
        switch members {
        case .nodes(var nodes):
            try Self.remove(name, from: &nodes, \.identity)
            members = .nodes(nodes)
        case .servers(var configuration, let connection):
            try Self.remove(name, from: &configuration.nodes, \.name)
            members = .servers(configuration, connection: connection)
        }
    }

    private static func remove<Member>(
        _ name: String, from members: inout [Member], _ nameOf: (Member) -> String
    ) throws(CachesError) {
        guard let index = members.firstIndex(where: { nameOf($0) == name }) else {
            throw CachesError(
                .configuration, "--remove: no node is called \(name).",
                advice: "The nodes are \(members.map(nameOf).joined(separator: ", ")).")
        }
        members.remove(at: index)
    }
}

/// The placement of keys, and the names of the nodes.
struct NamedPlacement: Sendable {
    /// The nodes' names, in the order of the placement's indices.
    let names: [String]
    let placement: Placement

    /// The text that is hashed for a node; for jedis its position, if it has no name.
    func identity(_ node: Int) -> String {
        let identity = placement.nodes[node].identity
        return identity.isEmpty ? "SHARD-\(node)" : identity
    }

    /// A node's share of the keys relative to the other nodes.
    func weight(_ node: Int) -> Double { placement.nodes[node].weight }
}

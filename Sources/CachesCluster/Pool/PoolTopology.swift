internal import CachesTransport

/// The nodes of a pool, and the ring that each connection's name stands for.
// A class, as `Ring` is.
package final class PoolTopology: Sendable {
    /// Every member.
    let all: Ring

    /// The fingerprint that pools share if they place all keys alike.
    let fingerprint: String

    let directory: NodeDirectory

    /// How long a command may take in all, unless its node says otherwise.
    let deadline: Duration

    /// The policy for calls while a node is out, unless their class has one.
    let outagePolicy: OutagePolicy?

    /// Nodes that have a copy of another's data, by the other's name.
    let replicas: [String: [Node]]

    private let named: [String: Ring]

    /// - Parameter others: Members of an earlier topology, with their connections: those with the same
    ///   configuration are kept in use.
    init(
        _ configuration: PoolConfiguration, _ context: PoolContext, reusing others: [Member] = []
    ) throws(CachesError) {
        directory = try configuration.directory()
        outagePolicy = configuration.outagePolicy
        deadline = configuration.deadline
        fingerprint = Placement.fingerprint(configuration.placement, on: configuration.nodes)
        let make = { [fingerprint] (node: NodeConfiguration) in
            others.first { $0.isMade(as: node, in: configuration) }
                ?? Member(node, fingerprint: fingerprint, in: configuration, context)
        }
        let members = configuration.nodes.map(make)
        let copies = configuration.replicas.flatMap { make($0).nodes }
        replicas = Dictionary(grouping: copies) { $0.configuration.replicaOf ?? "" }
        all = try Ring(configuration.placement, configuration.nodes, members)
        var named: [String: Ring] = [:]
        for (name, positions) in directory.positions {
            named[name] = try Ring(
                configuration.placement, positions.map { configuration.nodes[$0] },
                positions.map { members[$0] })
        }
        self.named = named
    }

    /// Every member, including servers that own no keys.
    var membersAndReplicas: [Member] { all.members + replicas.values.joined().map { .node($0) } }

    /// The nodes that stand in for one another. Those of clusters don't: see `Cluster`.
    var roster: [Node] {
        all.members.compactMap(\.onlyNode)
    }

    /// The sets of ``roster``'s nodes, by position, that keys are spread over.
    var spreads: [[Int]] {
        let roster = roster
        return ([all] + named.values).map { ring in
            roster.indices.filter { index in
                ring.members.contains { $0.onlyNode === roster[index] }
            }
        }
    }

    /// See `Ring`; nil also for a name that no node and no group has.
    @inline(__always)
    func connection(
        for key: KeyBytes, connection: ConnectionName, deadline: Duration?
    ) -> (connection: NodeConnection, deadline: Deadline)? {
        // Not by `ring(_:)`: a reference that is returned is counted.
        guard connection != .sharded else { return all.connection(for: key, deadline: deadline) }
        return named[connection.name]?.connection(for: key, deadline: deadline)
    }

    /// The ring of a connection's name.
    /// - Throws: ``CachesError`` of code `configuration` for a name that no node and no group has.
    func ring(_ connection: ConnectionName) throws(CachesError) -> Ring {
        guard connection != .sharded else { return all }
        guard let ring = named[connection.name] else { throw directory.unknown(connection) }
        return ring
    }
}

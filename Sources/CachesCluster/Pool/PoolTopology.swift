internal import CachesTransport

/// The nodes of a pool, and what each connection's name stands for.
// Classes, since a look-up would copy structs, and count their arrays' references, for each call.
package final class PoolTopology: Sendable {
    /// Members that keys are spread over, and how.
    // Safe: see `ways`.
    @safe package final class Route: Sendable {
        let members: [Member]

        /// The members' nodes, if each has one alone; nil if there is a cluster among them.
        let servers: [Node]?

        private let placement: Placement

        /// How calls get past a member.
        @unsafe private enum Way {
            case gate(Unmanaged<NodeGate>)
            case map(Unmanaged<Published<SlotMap>>)

            init(past member: Member) {
                unsafe self =
                    switch member {
                    case .node(let node): unsafe .gate(.passUnretained(node.gate))
                    case .sentinels(let group): unsafe .gate(.passUnretained(group.node.gate))
                    case .cluster(let cluster): unsafe .map(.passUnretained(cluster.map))
                    }
            }
        }

        // Safe: written once, freed in deinit. `members` has what it refers to for as long as this is there. An array
        // of references would have each call count some.
        private nonisolated(unsafe) let ways: UnsafeMutableBufferPointer<Way>

        fileprivate init(
            _ rule: PlacementRule, _ configurations: [NodeConfiguration], _ members: [Member]
        ) throws(CachesError) {
            self.members = members
            let servers = members.compactMap(\.onlyNode)
            self.servers = servers.count == members.count ? servers : nil
            placement = try Placement(rule, on: configurations)
            unsafe ways = .allocate(capacity: members.count)
            for (index, member) in members.enumerated() {
                unsafe ways.initializeElement(at: index, to: Way(past: member))
            }
        }

        deinit { unsafe ways.deallocate() }

        /// The nodes that own keys; at least one.
        var nodes: [Node] { members.flatMap(\.nodes) }

        /// Asks the clusters among the members which servers they have, unless that is known.
        /// - Returns: Which of them don't say, and why.
        func discover(deadline: Deadline) async throws -> [(cluster: Cluster, error: CachesError)] {
            var failures: [(cluster: Cluster, error: CachesError)] = []
            for case .cluster(let cluster) in members {
                do {
                    try await cluster.discover(deadline: deadline)
                } catch let error as CachesError {
                    failures.append((cluster, error.at(cluster.name)))
                }
            }
            return failures
        }

        /// The node that owns a key.
        @inline(__always)
        func owner(of key: KeyBytes) throws(CachesError) -> Node {
            try members[index(of: key)].node(for: key)
        }

        /// A call on a key begins: the line of the node that owns it, and when it has to end; nil if the node is out, has
        /// no connection, or is not known yet.
        @inline(__always)
        func enter(for key: KeyBytes, deadline: Duration?) -> (line: Line, deadline: Deadline)? {
            switch unsafe ways[index(of: key)] {
            case .gate(let gate): return unsafe gate._withUnsafeGuaranteedRef { $0.enter(deadline) }
            case .map(let map):
                let slot = HashSlot.slot(of: key)
                return unsafe map._withUnsafeGuaranteedRef { map in
                    map.read { $0.enter(slot, deadline) }
                }
            }
        }

        /// The index of the member that a key is placed on. Unlike ``owner(of:)``, it counts no references.
        @inline(__always)
        func index(of key: KeyBytes) -> Int { members.count == 1 ? 0 : placement.owner(of: key) }

        /// The node of each member by falling claim to a key: the owner, then where the key would go if that were
        /// out.
        func order(of text: String) throws(CachesError) -> [Node] {
            let key = KeyBytes(text)
            var nodes: [Node] = []
            for position in placement.order(of: text) { nodes.append(try members[position].node(for: key)) }
            return nodes
        }
    }

    /// Every member.
    let all: Route

    /// What pools have in common that place all keys alike.
    let fingerprint: String

    let directory: NodeDirectory

    /// How long a command may take in all, where its node says nothing else.
    let deadline: Duration

    /// What calls do while a node is out, where their class doesn't say.
    let outagePolicy: OutagePolicy?

    /// Nodes that have a copy of another's data, by its name.
    let replicas: [String: [Node]]

    private let named: [String: Route]

    /// - Parameter others: Members of an earlier topology, with their connections: those that are configured in the
    ///   same way are used on.
    init(
        _ configuration: PoolConfiguration, _ surroundings: PoolSurroundings, reusing others: [Member] = []
    ) throws(CachesError) {
        directory = try configuration.directory()
        outagePolicy = configuration.outagePolicy
        deadline = configuration.deadline
        fingerprint = Placement.fingerprint(configuration.placement, on: configuration.nodes)
        let make = { [fingerprint] (node: NodeConfiguration) in
            others.first { $0.isMade(as: node, in: configuration) }
                ?? Member(node, fingerprint: fingerprint, in: configuration, surroundings)
        }
        let members = configuration.nodes.map(make)
        let copies = configuration.replicas.flatMap { make($0).nodes }
        replicas = Dictionary(grouping: copies) { $0.configuration.replicaOf ?? "" }
        all = try Route(configuration.placement, configuration.nodes, members)
        var named: [String: Route] = [:]
        for (name, positions) in directory.positions {
            named[name] = try Route(
                configuration.placement, positions.map { configuration.nodes[$0] },
                positions.map { members[$0] })
        }
        self.named = named
    }

    /// Every member, servers that own no keys included.
    var membersAndReplicas: [Member] { all.members + replicas.values.joined().map { .node($0) } }

    /// The nodes that stand in for one another. Those of clusters don't: see `Cluster`.
    var roster: [Node] {
        all.members.compactMap(\.onlyNode)
    }

    /// The sets of ``roster``'s nodes, by position, that keys are spread over.
    var spreads: [[Int]] {
        let roster = roster
        return ([all] + named.values).map { route in
            roster.indices.filter { index in
                route.members.contains { $0.onlyNode === roster[index] }
            }
        }
    }

    /// A call on a key begins: as a route says, nil also for a name that no node and no group has.
    @inline(__always)
    func enter(
        for key: KeyBytes, on connection: ConnectionName, deadline: Duration?
    ) -> (line: Line, deadline: Deadline)? {
        // Not by way of `route(_:)`: a reference that is handed out is counted.
        guard connection != .sharded else { return all.enter(for: key, deadline: deadline) }
        return named[connection.name]?.enter(for: key, deadline: deadline)
    }

    /// Where the keys of a connection live.
    /// - Throws: ``CachesError`` of code `configuration` for a name that no node and no group has.
    func route(_ connection: ConnectionName) throws(CachesError) -> Route {
        guard connection != .sharded else { return all }
        guard let route = named[connection.name] else { throw directory.unknown(connection) }
        return route
    }
}

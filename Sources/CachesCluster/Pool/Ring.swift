internal import CachesTransport

/// The members that the keys of a connection's name are spread over, and their placement.
// A class, since a look-up would copy a struct, and count its arrays' references, for each call.
// Safe: see `fastPaths`.
@safe package final class Ring: Sendable {
    let members: [Member]

    /// The members' nodes, if each has only one; nil if there is a cluster among them.
    let servers: [Node]?

    private let placement: Placement

    /// The object that a call reads to find a member's connection.
    @unsafe private enum FastPath {
        case connection(Unmanaged<CurrentConnection>)
        case map(Unmanaged<AtomicReference<SlotMap>>)

        init(to member: Member) {
            unsafe self =
                switch member {
                case .node(let node): unsafe .connection(.passUnretained(node.current))
                case .sentinels(let group): unsafe .connection(.passUnretained(group.node.current))
                case .cluster(let cluster): unsafe .map(.passUnretained(cluster.map))
                }
        }
    }

    // Safe: written once, freed in deinit. `members` retains the referenced objects for as long as this
    // exists. An array of references would make each call count some.
    private nonisolated(unsafe) let fastPaths: UnsafeMutableBufferPointer<FastPath>

    init(
        _ rule: PlacementRule, _ configurations: [NodeConfiguration], _ members: [Member]
    ) throws(CachesError) {
        self.members = members
        let servers = members.compactMap(\.onlyNode)
        self.servers = servers.count == members.count ? servers : nil
        placement = try Placement(rule, on: configurations)
        unsafe fastPaths = .allocate(capacity: members.count)
        for (index, member) in members.enumerated() {
            unsafe fastPaths.initializeElement(at: index, to: FastPath(to: member))
        }
    }

    deinit { unsafe fastPaths.deallocate() }

    /// The nodes that own keys; at least one.
    var nodes: [Node] { members.flatMap(\.nodes) }

    /// Asks the clusters among the members which servers they have, unless that is known.
    /// - Returns: The clusters that don't answer, and their errors.
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

    /// The connection of the node that owns a key, and the deadline of a call that begins now; nil if the
    /// node is out, has no connection, or is not known yet.
    @inline(__always)
    func connection(
        for key: KeyBytes, deadline: Duration?
    ) -> (connection: NodeConnection, deadline: Deadline)? {
        switch unsafe fastPaths[index(of: key)] {
        case .connection(let current):
            return unsafe current._withUnsafeGuaranteedRef { $0.connection(for: deadline) }
        case .map(let map):
            let slot = HashSlot.slot(of: key)
            return unsafe map._withUnsafeGuaranteedRef { map in
                map.read { $0.connection(for: slot, deadline) }
            }
        }
    }

    /// The index of the member that a key is placed on. Unlike ``owner(of:)``, it counts no references.
    @inline(__always)
    func index(of key: KeyBytes) -> Int { members.count == 1 ? 0 : placement.owner(of: key) }

    /// The node of each member by falling claim to a key: the owner, then the nodes to which the key would go
    /// if the owner were out.
    func order(of text: String) throws(CachesError) -> [Node] {
        let key = KeyBytes(text)
        var nodes: [Node] = []
        for position in placement.order(of: text) { nodes.append(try members[position].node(for: key)) }
        return nodes
    }
}

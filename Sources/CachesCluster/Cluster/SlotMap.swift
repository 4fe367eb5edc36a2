internal import CachesTransport

/// The nodes of a cluster by the slots that they own. Immutable: a change makes another map.
final class SlotMap: Sendable {
    /// A master and the replicas that have copies of its data.
    struct Shard: Sendable {
        let master: Node
        let replicas: [Node]
    }

    let shards: [Shard]

    /// The current connection of each shard's master.
    private let connections: [CurrentConnection]

    /// The shard of each slot. A table has no more shards than slots (`SlotsAnswer`), so that a position
    /// fits.
    private let owners: [UInt16]

    private static let nobody = UInt16.max

    /// A position as stored. One that does not fit becomes `nobody`: calls then ask a server, which redirects
    /// them.
    private static func position(_ index: Int) -> UInt16 { UInt16(exactly: index) ?? nobody }

    /// A map of a table.
    ///
    /// - Parameter node: The node at an address, as a master or a replica.
    convenience init(_ table: SlotTable, node: (_ endpoint: Endpoint, _ isReplica: Bool) -> Node) {
        var shards: [Shard] = []
        var positions: [Endpoint: UInt16] = [:]
        var owners = [UInt16](repeating: Self.nobody, count: HashSlot.count)
        for range in table.ranges {
            let position = positions[range.master] ?? Self.position(shards.count)
            if positions.updateValue(position, forKey: range.master) == nil {
                shards.append(
                    Shard(master: node(range.master, false), replicas: range.replicas.map { node($0, true) }))
            }
            for slot in range.slots { owners[slot] = position }
        }
        self.init(shards: shards, owners: owners)
    }

    private init(shards: [Shard], owners: [UInt16]) {
        self.shards = shards
        self.owners = owners
        connections = shards.map(\.master.current)
    }

    /// The connection for a call on a slot: see `CurrentConnection`. nil also if no node owns the slot.
    func connection(
        for slot: Int, _ deadline: Duration?
    ) -> (connection: NodeConnection, deadline: Deadline)? {
        position(of: slot).flatMap { connections[$0].connection(for: deadline) }
    }

    /// The position of the shard that owns a slot; nil if the slot has no owner.
    func position(of slot: Int) -> Int? {
        let owner = owners[slot]
        return owner == Self.nobody ? nil : Int(owner)
    }

    /// The node that owns a slot; nil if the slot has no owner.
    func master(of slot: Int) -> Node? { position(of: slot).map { shards[$0].master } }

    /// A copy in which other nodes own some slots.
    func moving(_ moved: [Int: Node]) -> SlotMap {
        var (shards, owners) = (shards, owners)
        var positions: [ObjectIdentifier: Int] = [:]
        for (position, shard) in shards.enumerated() { positions[ObjectIdentifier(shard.master)] = position }
        for (slot, node) in moved {
            if positions[ObjectIdentifier(node)] == nil {
                positions[ObjectIdentifier(node)] = shards.count
                shards.append(Shard(master: node, replicas: []))
            }
            // Each shard owned a slot of the table, or is one of the few that no table names (`Strangers`).
            owners[slot] = positions[ObjectIdentifier(node)].map(Self.position) ?? Self.nobody
        }
        return SlotMap(shards: shards, owners: owners)
    }

    /// The nodes that own slots.
    var masters: [Node] { shards.map(\.master) }

    /// All masters and replicas.
    var nodes: [Node] { shards.flatMap { [$0.master] + $0.replicas } }

    /// The nodes that have copies of a node's data; nil if the node owns no slots here.
    func replicas(of node: Node) -> [Node]? { shards.first { $0.master === node }?.replicas }
}

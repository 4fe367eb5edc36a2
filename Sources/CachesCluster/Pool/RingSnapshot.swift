package import CachesTransport

/// Some nodes, and which of them each key is on: a snapshot of one moment, for many keys at once.
///
/// Finding a key's node takes a hash and one look, without a lock and without counting references.
// A class, so that a look-up does not copy it.
package final class RingSnapshot: Sendable {
    /// The nodes, at least one.
    package let nodes: [Node]

    private let ring: Ring

    /// The owners of the slots, if the nodes are a cluster.
    private let map: SlotMap?

    /// - Returns: nil unless the members are servers, or there is one cluster whose servers are known.
    init?(_ ring: Ring) {
        if let servers = ring.servers {
            (nodes, map) = (servers, nil)
        } else if ring.members.count == 1, case .cluster(let cluster) = ring.members[0],
            let map = cluster.knownMap
        {
            (nodes, self.map) = (map.masters, map)
        } else {
            return nil
        }
        self.ring = ring
    }

    /// Whether the nodes are a cluster, where only keys of one slot may be in one command.
    package var isOfCluster: Bool { map != nil }

    /// The node that a key is on; nil if none of them says that it owns the key's slot.
    package func index(of key: KeyBytes) -> Int? {
        guard let map else { return ring.index(of: key) }
        return map.position(of: HashSlot.slot(of: key))
    }
}

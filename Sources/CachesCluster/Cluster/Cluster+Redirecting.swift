internal import CachesTransport

// Handling of a server's refusal.
extension Cluster {
    /// The owner of a key, as far as known.
    func owner(of key: String) -> Node? {
        shared.withLock { $0.map?.master(of: HashSlot.slot(of: key)) }
    }

    /// Whether the cluster uses a node.
    func uses(_ node: Node) -> Bool { shared.withLock { $0.nodes.values.contains { $0 === node } } }

    /// The address that a server of the cluster means; nil if it can't be determined.
    func endpoint(of announcement: ClusterNodeAddress, slot: Int, asked: Endpoint) -> Endpoint? {
        if let endpoint = announcement.endpoint(asked: asked, configuration.addressMap) { return endpoint }
        // `MOVED` has no metadata with another name, but the table was made from answers that have it.
        guard let table = shared.withLock({ $0.table }) else { return nil }
        func hasPort(_ endpoint: Endpoint) -> Bool {
            if case .tcp(_, announcement.port) = endpoint { endpoint != asked } else { false }
        }
        if let master = table.master(of: slot), hasPort(master) { return master }
        let candidates = Set(table.ranges.map(\.master).filter(hasPort))
        return candidates.count == 1 ? candidates.first : nil
    }

    /// The node at the address to which a server has redirected a command.
    /// - Parameter slot: The slot that the address owns, according to the server; nil if the slot is
    ///   migrating there.
    /// - Throws: ``CachesError`` if too many nodes that no table names are connected to.
    func stranger(at endpoint: Endpoint, owning slot: Int?) throws(CachesError) -> Node {
        let node: Node? = shared.withLock { shared in
            let place = Place(endpoint: endpoint, isReplica: false)
            let now = ContinuousClock.now
            if shared.table?.places.contains(place) != true {
                let isThere = shared.nodes[place] != nil
                guard
                    shared.strangers.visit(place, isThere: isThere, besides: shared.table?.places, now: now)
                else { return nil }
            }
            let node = self.node(at: endpoint, isReplica: false, &shared)
            if let slot, let map = shared.map, map.master(of: slot) !== node {
                shared.map = map.moving([slot: node])
                shared.learned[slot] = (node, now)
            }
            return node
        }
        if slot != nil || node == nil { requestRefresh() }
        guard let node else { throw RedirectionFailure.tooMany }
        return node
    }

    /// Renews a node's connection after the server redirected a call to the address it was asked at: another
    /// server may be there by now.
    func renewConnection(of node: Node, at endpoint: Endpoint) {
        let place = Place(endpoint: endpoint, isReplica: false)
        let renews = shared.withLock {
            $0.renewals.renews(place, now: .now, jitter: .random(in: 0...1))
        }
        if renews {
            node.leave(
                "The server names its own address as that of another.",
                advice: "The next call uses a new connection.", within: Self.patienceWithFormer)
        }
    }

    /// How long calls on other slots may still get their replies over the connection that was replaced. 5 s:
    /// the server is well, and answers them.
    private static let patienceWithFormer = Duration.seconds(5)

    /// Records that a server has said that the cluster is down.
    /// - Returns: Whether waiting is worthwhile: the cluster has been down for no longer than a replica needs
    ///   to take over.
    func mayComeBack() -> Bool {
        requestRefresh()
        return shared.withLock { shared in
            let now = ContinuousClock.now
            // The cluster was up meanwhile, or no call has asked.
            if let down = shared.down, now - down.last < .seconds(1) {
                shared.down = (down.since, now)
            } else {
                shared.down = (now, now)
            }
            return now - (shared.down?.since ?? now) < Self.longestTakeover
        }
    }

    /// How long after a cluster went down calls wait for it to come back. 5 s: once the other masters agree
    /// that a master is out, its replica takes over within one or two.
    private static let longestTakeover = Duration.seconds(5)

    /// The node to ask instead of one that can't be asked: an owner of some of its slots now.
    /// - Returns: nil if the node owns all keys of the commands, as far as known: there is no other node to
    ///   ask. It does not own them if it was asked before the table was known, or has lost them since.
    func other(
        than node: Node, for commands: RecordedCommands, after error: CachesError, deadline: Deadline
    ) async throws -> Node? {
        guard isOpen else { return nil }
        do { try await discover(deadline: deadline) } catch is CachesError { throw error }
        guard let map = shared.withLock({ $0.map }) else { return nil }
        let slots = (0..<commands.count).lazy.compactMap(commands.key(at:)).map { HashSlot.slot(of: $0) }
        guard let slot = slots.first(where: { map.master(of: $0) !== node }) else { return nil }
        if let owner = map.master(of: slot), !owner.isOut { return owner }
        return map.masters.filter { $0 !== node && !$0.isOut }.randomElement()
    }
}

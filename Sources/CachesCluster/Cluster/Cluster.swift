internal import CachesTransport
internal import Logging

/// A Redis or Valkey Cluster as one member of a pool: it knows which of the cluster's servers owns each slot,
/// and has a ``Node`` for each server.
///
/// **It answers without waiting.** ``master(of:)`` returns the node to ask at once. Before the first answer
/// to `CLUSTER SLOTS`, and after a slot has moved, that may be the wrong node: it then names the right one
/// itself (`ClusterDeployment`), and the cluster remembers the redirection. So no call waits for the table,
/// and an old table costs a round trip, never a wrong answer.
///
/// **Refreshing the table**: `TableRefresh` decides when to ask: after a redirection, the loss of a
/// connection, a node that went out, and periodically. `TablePoll` decides which servers to ask, and
/// `TableElection` makes one table of several answers.
///
/// **Its nodes come and go** with the table: a node that is in no table any more is closed when its last call
/// has ended, and commands that could not be sent to it go to the owner by the new table. Only a few nodes
/// outside the table are connected to at a time (`Strangers`). A replica and a master at the same address are
/// two nodes, since a connection that may read from a replica must not be taken for one that may write; the
/// node that is not in use has no connection.
///
/// **A master that is out** fails its callers at once, as any node does. No other node stands in for it: the
/// cluster fails over by itself, and a stand-in for some of its slots would answer beside the replica that
/// takes over.
package final class Cluster: Sendable {
    /// A server's address, and its role.
    struct Place: Hashable, Sendable {
        let endpoint: Endpoint
        let isReplica: Bool
    }

    struct Shared: Sendable {
        var refresh: TableRefresh
        /// The current wait.
        var timer = RestartableTimer()
        var nodes: [Place: Node] = [:]
        /// nil before the first answer.
        var map: SlotMap? { didSet { published.replace(with: map) } }
        /// The same map, for calls to read without the lock.
        let published = AtomicReference<SlotMap>(nil)
        var table: SlotTable?
        /// Owners of slots that servers have named with `MOVED` since the last table, and when.
        var learned: [Int: (node: Node, time: ContinuousClock.Instant)] = [:]
        /// The nodes that the table does not name.
        var strangers = Strangers()
        var renewals = ConnectionRenewals()
        var newcomers: Newcomers
        /// Log entries already made: ignored servers, and parts that could not be read.
        var reported = (unheard: Set<Endpoint>(), omissions: Set<String>())
        /// Why there is no answer, as far as known.
        var fault: CachesError?
        /// When the cluster began to answer that it is down, and when it last did.
        var down: (since: ContinuousClock.Instant, last: ContinuousClock.Instant)?
        var fingerprint: String
        var isClosed = false
    }

    let configuration: NodeConfiguration

    /// The servers to ask first.
    let seeds: [Endpoint]

    let shared: Locked<Shared>
    /// The owner of each slot, as far as known: as in `Shared`.
    let map: AtomicReference<SlotMap>
    let logger: Logger
    let loop = EventLoops.forNode()

    /// Signals callers that wait for a table: a poll is over, or the cluster is closed.
    let tableChanges = ChangeSignal()

    /// The cluster's own budget: it may connect to servers that are not in the configuration.
    private let handshakes = HandshakeBudget()
    private let pool: PoolConfiguration
    private let hub: NodeEventHub
    private let observer: (any CallObserver)?

    /// - Parameters:
    ///   - hub: Told of events at the cluster's nodes.
    ///   - logger: Has its own budget: lines about a cluster's servers leave room for other lines.
    init(
        _ configuration: NodeConfiguration, seeds: [Endpoint], fingerprint: String,
        in pool: PoolConfiguration, hub: NodeEventHub, observer: (any CallObserver)? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.seeds = seeds
        self.pool = pool
        self.hub = hub
        self.observer = observer
        self.logger = logger
        let refresh = TableRefresh(interval: configuration.refreshInterval ?? Self.refreshInterval)
        let shared = Shared(
            refresh: refresh, newcomers: Newcomers(most: configuration.maximumServers),
            fingerprint: fingerprint)
        map = shared.published
        self.shared = Locked(shared)
    }

    deinit {
        let timer = shared.withLock { $0.timer.token }
        if let timer { loop.cancel(timer) }
    }

    /// How often the table is asked for when nothing puts it in doubt. 30 s: the only change that no call
    /// notices is a replica that comes or goes.
    private static let refreshInterval = Duration.seconds(30)

    var name: String { configuration.name }

    // MARK: Owners of slots

    /// The node to ask for a key.
    /// - Throws: ``CachesError`` if the configured server is not part of a cluster.
    func master(of key: KeyBytes) throws(CachesError) -> Node {
        let slot = HashSlot.slot(of: key)
        // The fault is read separately: copying an error, and checking that it is nil, costs each call 150
        // instructions.
        if let node = shared.withLock({ $0.map?.master(of: slot) }) { return node }
        if let fault = configurationFault { throw fault }
        return seedNode()
    }

    /// The fault of the configuration: the server is not part of a cluster. nil if no fault is known.
    var configurationFault: CachesError? {
        shared.withLock { $0.map == nil && $0.fault?.code == .configuration ? $0.fault : nil }
    }

    /// The nodes that own slots, by the current table; before there is one, a node to begin with.
    var masters: [Node] {
        let masters = knownMasters
        return masters.isEmpty ? [seedNode()] : masters
    }

    /// The owners of the slots, as far as known; nil before the first answer, or if no slot has an owner.
    var knownMap: SlotMap? {
        let map = shared.withLock { $0.map }
        return map?.shards.isEmpty == false ? map : nil
    }

    private var knownMasters: [Node] { knownMap?.masters ?? [] }

    /// A node that can redirect commands on a key without a known owner.
    private func seedNode() -> Node {
        requestRefresh()
        let known = knownMasters
        let nodes = known.isEmpty ? seeds.map { node(at: $0, isReplica: false) } : known
        return nodes.first { !$0.isOut } ?? nodes[0]
    }

    /// The node at an address.
    func node(at endpoint: Endpoint, isReplica: Bool) -> Node {
        shared.withLock { node(at: endpoint, isReplica: isReplica, &$0) }
    }

    /// Called under the lock.
    func node(at endpoint: Endpoint, isReplica: Bool, _ shared: inout Shared) -> Node {
        let place = Place(endpoint: endpoint, isReplica: isReplica)
        if let node = shared.nodes[place] { return node }
        var configuration = configuration
        configuration.connection = configuration.connection(at: endpoint)
        configuration.connection.readsFromReplica = isReplica
        configuration.deployment = .server
        configuration.identity = self.configuration.identity
        configuration.name = "\(name)@\(endpoint)"
        var hooks = NodeHooks()
        hooks.observer = observer
        hooks.changed = { [hub, weak self] event in
            hub.publish(event)
            // Another server may have taken over, or be about to.
            if event.to == .suspect || event.to == .ejected { self?.requestRefresh() }
        }
        let node = Node(
            configuration, fingerprint: shared.fingerprint, defaultDeadline: pool.deadline,
            health: pool.health,
            hooks: hooks, logger: logger, handshakes: handshakes, of: ClusterDeployment(of: self))
        shared.nodes[place] = node
        return node
    }

    /// Nodes that have copies of a node's data; nil if the node owns no slots.
    func replicas(of node: Node) -> [Node]? { shared.withLock { $0.map }?.replicas(of: node) }

    var isOpen: Bool { shared.withLock { !$0.isClosed } }

    // MARK: As a member

    /// Whether the two are the same cluster, judging by their addresses.
    func isSame(as other: Cluster) -> Bool { self === other || !Set(seeds).isDisjoint(with: other.seeds) }

    /// Whether a cluster made of this configuration, in a pool of this configuration, would be the same.
    func isMade(as configuration: NodeConfiguration, in pool: PoolConfiguration) -> Bool {
        self.configuration.isAlike(configuration) && self.pool.health == pool.health
            && self.pool.deadline == pool.deadline
    }

    /// Tells the servers that the pool has another fingerprint.
    func announce(_ fingerprint: String) {
        let nodes = shared.withLock { shared in
            shared.fingerprint = fingerprint
            return Array(shared.nodes.values)
        }
        for node in nodes { node.announce(fingerprint) }
    }

    /// Takes no more calls, waits for those under way until `deadline`, and closes all connections.
    func close(deadline: Deadline) async {
        let (nodes, timer) = shared.withLock { shared in
            shared.isClosed = true
            shared.refresh.close()
            return (Array(shared.nodes.values), shared.timer.token)
        }
        tableChanges.changed()
        if let timer { loop.cancel(timer) }
        await withDiscardingTaskGroup { group in
            for node in nodes { group.addTask { await node.close(deadline: deadline) } }
        }
    }
}

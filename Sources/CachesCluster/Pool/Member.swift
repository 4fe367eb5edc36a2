package import CachesTransport

/// A member of a pool's configuration: a server, or a deployment of several servers that the placement treats
/// as one.
enum Member: Sendable {
    case node(Node)
    case cluster(Cluster)
    case sentinels(SentinelGroup)

    /// Its node, if it has one for all of its keys: that of a server, or that of the current primary. nil if
    /// there are several.
    @inline(__always)
    var onlyNode: Node? {
        switch self {
        case .node(let node): node
        case .sentinels(let group): group.node
        case .cluster: nil
        }
    }

    /// The node that has a key, among the keys that the placement gives to this member.
    @inline(__always)
    func node(for key: KeyBytes) throws(CachesError) -> Node {
        switch self {
        case .node(let node): node
        case .sentinels(let group): group.node
        case .cluster(let cluster): try cluster.master(of: key)
        }
    }

    /// The configuration it was made with.
    var configuration: NodeConfiguration {
        switch self {
        case .node(let node): node.configuration
        case .sentinels(let group): group.node.configuration
        case .cluster(let cluster): cluster.configuration
        }
    }

    /// The nodes that own keys.
    var nodes: [Node] {
        switch self {
        case .node(let node): [node]
        case .sentinels(let group): [group.node]
        case .cluster(let cluster): cluster.masters
        }
    }

    /// Whether a member with this configuration, in a pool with that one, would be the same.
    func isMade(as configuration: NodeConfiguration, in pool: PoolConfiguration) -> Bool {
        switch self {
        case .node(let node): node.isMade(as: configuration, in: pool)
        case .sentinels(let group): group.node.isMade(as: configuration, in: pool)
        case .cluster(let cluster): cluster.isMade(as: configuration, in: pool)
        }
    }

    /// Whether the two are one object.
    func isIdentical(to other: Member) -> Bool {
        switch (self, other) {
        case (.node(let one), .node(let two)): one === two
        case (.sentinels(let one), .sentinels(let two)): one === two
        case (.cluster(let one), .cluster(let two)): one === two
        default: false
        }
    }

    /// Announces the pool's fingerprint to the servers.
    func announce(_ fingerprint: String) {
        switch self {
        case .node(let node): node.announce(fingerprint)
        case .sentinels(let group): group.announce(fingerprint)
        case .cluster(let cluster): cluster.announce(fingerprint)
        }
    }

    /// Accepts no more calls, waits for those under way until `deadline`, and closes all connections.
    func close(deadline: Deadline) async {
        switch self {
        case .node(let node): await node.close(deadline: deadline)
        case .sentinels(let group): await group.close(deadline: deadline)
        case .cluster(let cluster): await cluster.close(deadline: deadline)
        }
    }
}

extension Member {
    /// A member as configured.
    init(
        _ configuration: NodeConfiguration, fingerprint: String, in pool: PoolConfiguration,
        _ context: PoolContext
    ) {
        let hooks = configuration.replicaOf == nil ? context.hooks : context.replicaHooks
        switch configuration.deployment {
        case .server:
            self = .node(
                Node(
                    configuration, fingerprint: fingerprint, defaultDeadline: pool.deadline,
                    health: pool.health, hooks: hooks, logger: context.logger,
                    handshakes: context.handshakes))
        case .cluster(let seeds):
            self = .cluster(
                Cluster(
                    configuration, seeds: seeds, fingerprint: fingerprint, in: pool, hub: context.hub,
                    observer: context.observer,
                    logger: context.givenLogger.limited()))
        case .sentinel(let sentinels):
            self = .sentinels(
                SentinelGroup(
                    configuration, sentinels, fingerprint: fingerprint, defaultDeadline: pool.deadline,
                    health: pool.health, hooks: hooks, logger: context.logger,
                    handshakes: context.handshakes))
        }
    }
}

extension CachePool {
    /// The members that a name stands for, in the order of the configuration, each with its nodes that own
    /// keys; during a hand-over, those that will be used after it.
    package func members(
        connection: ConnectionName
    ) throws(CachesError) -> [(configuration: NodeConfiguration, nodes: [Node])] {
        try latestTopology().ring(connection).members.map { ($0.configuration, $0.nodes) }
    }
}

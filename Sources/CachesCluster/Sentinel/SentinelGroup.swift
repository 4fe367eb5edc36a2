internal import CachesTransport
internal import Logging

/// A primary with its replicas and Sentinels as one member of a pool.
///
/// It has one ``Node`` for the primary, with one name, one health and one ``OutageLog``, whichever server is
/// the primary. Only the address of the node's next connection changes: its ``SentinelDeployment`` names it.
/// Replicas that the Sentinels name have nodes of their own, to be read from.
final class SentinelGroup: Sendable {
    /// The primary's node.
    let node: Node

    private let deployment: SentinelDeployment

    /// - Parameters:
    ///   - configuration: The node's configuration.
    ///   - sentinels: The Sentinels to ask for the primary.
    ///   - hooks: The node's hooks. Its replicas have only the one for changes.
    init(
        _ configuration: NodeConfiguration, _ sentinels: SentinelConfiguration, fingerprint: String,
        defaultDeadline: Duration, health: HealthConfiguration, hooks: NodeHooks, logger: Logger,
        handshakes: HandshakeBudget, on loop: EventLoop = EventLoops.forNode(), resolver: Resolver = .system
    ) {
        let watch = SentinelWatch(
            sentinels, of: configuration, handshakes, on: loop, resolver: resolver, logger: logger)
        let replicas = SentinelReplicas(fingerprint: fingerprint) { endpoint, fingerprint in
            var replicaHooks = NodeHooks()
            replicaHooks.changed = hooks.changed
            return Node(
                configuration.replica(at: endpoint), fingerprint: fingerprint,
                defaultDeadline: defaultDeadline, health: health, hooks: replicaHooks, logger: logger,
                handshakes: handshakes, on: loop, resolver: resolver)
        }
        let deployment = SentinelDeployment(watch, replicas)
        let node = Node(
            configuration, fingerprint: fingerprint, defaultDeadline: defaultDeadline, health: health,
            hooks: hooks, logger: logger, handshakes: handshakes, of: deployment, on: loop,
            resolver: resolver)
        // Weak on both sides: the node owns the watch.
        watch.onNews { [weak node, weak replicas] news in
            switch news {
            case .primary(let endpoint): node?.primaryChanged(to: endpoint)
            case .replicas(let endpoints): replicas?.set(endpoints)
            case .checkRole: node?.checkRole()
            }
        }
        self.node = node
        self.deployment = deployment
    }

    /// Tells the servers that the pool has another fingerprint.
    func announce(_ fingerprint: String) {
        node.announce(fingerprint)
        deployment.replicas.announce(fingerprint)
    }

    /// Takes no more calls, waits for those under way until `deadline`, and closes all connections.
    func close(deadline: Deadline) async {
        deployment.watch.close()
        let nodes = [node] + deployment.replicas.close()
        await withDiscardingTaskGroup { group in
            for node in nodes { group.addTask { await node.close(deadline: deadline) } }
        }
    }
}

extension NodeConfiguration {
    /// The configuration of a replica at an address.
    fileprivate func replica(at endpoint: Endpoint) -> NodeConfiguration {
        var connection = connection(at: endpoint)
        connection.name = "\(name)@\(endpoint)"
        var replica = NodeConfiguration(name: connection.name, connection: connection, source: source)
        replica.replicaOf = name
        replica.deadline = deadline
        return replica
    }
}

internal import CachesTransport
import Logging

/// What a pool's nodes have in common, whatever its topology.
struct PoolContext: Sendable {
    /// As given: the lines of a cluster are limited by themselves.
    let givenLogger: Logger

    /// For all that is no cluster: see ``LimitedLogHandler``.
    let logger: Logger

    /// How nodes return.
    var returnRules = ReturnRules()

    /// Whether nodes may stand in for one that is out: not where the whole pool says that calls fail then.
    var supportsGutter = true

    /// Told of each call on a node; nil for nothing.
    var observer: (any CallObserver)?

    /// What the nodes tell, for all who listen.
    let hub = NodeEventHub()

    /// The nodes that are in use.
    let roster = NodeRoster()

    /// What was seen of their outages.
    let outageLog = OutageLog()

    /// The TLS handshakes of all that is no cluster.
    let handshakes = HandshakeBudget()

    init(logger: Logger, returnRules: ReturnRules = ReturnRules(), supportsGutter: Bool = true) {
        givenLogger = logger
        self.logger = logger.limited()
        self.returnRules = returnRules
        self.supportsGutter = supportsGutter
    }

    /// What replicas are made with: there is nothing to put right on them but what their owner does.
    var replicaHooks: NodeHooks {
        var hooks = NodeHooks()
        hooks.observer = observer
        hooks.changed = { [hub] in hub.publish($0) }
        return hooks
    }

    /// What nodes are made with.
    var hooks: NodeHooks {
        var hooks = NodeHooks()
        hooks.observer = observer
        hooks.changed = { [hub, roster, outageLog, returnRules, supportsGutter] event in
            // A return that failed is the same outage, and the marks of its looks are known from then on.
            if event.to == .ejected || event.to.isOut != event.from.isOut,
                let node = roster.nodes.first(where: { $0.name == event.node })
            {
                if event.to.isOut {
                    outageLog.wentOut(node)
                    guard supportsGutter, !event.from.isOut else { return hub.publish(event) }
                    for other in roster.others(than: node) where !other.isOut {
                        Task { await other.leaveMarker(outageLog) }
                    }
                } else {
                    outageLog.cameBack(node)
                    DoubtWatch(node, roster: roster, outageLog: outageLog, rules: returnRules).begin()
                }
            }
            hub.publish(event)
        }
        guard returnRules.removesOld else { return hooks }
        hooks.opened = { [roster, outageLog, supportsGutter] node, connection in
            guard supportsGutter, !roster.others(than: node).isEmpty else { return }
            let reply = await MemoryReply(of: node, over: connection, leavesMarker: outageLog.hasOutages)
            if let reply { outageLog.learned(reply, of: node) }
        }
        hooks.readmit = { [roster, outageLog, returnRules] node in
            try await Rejoin(node, roster: roster, outageLog: outageLog, rules: returnRules).run()
        }
        return hooks
    }
}

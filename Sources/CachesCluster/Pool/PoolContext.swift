internal import CachesTransport
import Logging

/// The state that a pool's nodes share, whatever its topology.
struct PoolContext: Sendable {
    /// As given: a cluster's lines have their own limit.
    let givenLogger: Logger

    /// For all but clusters: see ``LimitedLogHandler``.
    let logger: Logger

    /// The rules for nodes that return.
    var returnRules = ReturnRules()

    /// Whether nodes may stand in for one that is out: false if the whole pool says that calls fail then.
    var supportsGutter = true

    /// Told of each call on a node; nil for none.
    var observer: (any CallObserver)?

    /// The nodes' events, for all subscribers.
    let hub = NodeEventHub()

    /// The nodes that are in use.
    let roster = NodeRoster()

    /// The observed outages of the nodes.
    let outageLog = OutageLog()

    /// The TLS handshakes of all but clusters.
    let handshakes = HandshakeBudget()

    init(logger: Logger, returnRules: ReturnRules = ReturnRules(), supportsGutter: Bool = true) {
        givenLogger = logger
        self.logger = logger.limited()
        self.returnRules = returnRules
        self.supportsGutter = supportsGutter
    }

    /// The hooks of replicas: nothing needs repair on them except by their owner.
    var replicaHooks: NodeHooks {
        var hooks = NodeHooks()
        hooks.observer = observer
        hooks.changed = { [hub] in hub.publish($0) }
        return hooks
    }

    /// The hooks of nodes.
    var hooks: NodeHooks {
        var hooks = NodeHooks()
        hooks.observer = observer
        hooks.changed = { [hub, roster, outageLog, returnRules, supportsGutter] event in
            // A return that failed belongs to the same outage, and the marks of its looks are known from then
            // on.
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

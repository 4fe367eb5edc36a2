package import CachesTransport

extension CachePool {
    /// The nodes that serve a key in place of its owner, which is out; nil if there are too few other nodes,
    /// or so many are out that this process is more likely cut off.
    package func standIn(
        for key: String, connection: ConnectionName, owner: Node, ttl: Duration
    ) throws(CachesError) -> StandIn? {
        guard !context.roster.isInPanic, !owner.hasSlots else { return nil }
        let rules = context.returnRules
        let holders = DoubtRule.holders(
            in: try others(for: key, connection: connection, than: owner), most: rules.noteHolders
        ) { !$0.isOut }
        return holders.map {
            StandIn(
                absent: owner, node: $0[0], witness: $0.count > 1 ? $0[1] : nil, ttl: ttl,
                outage: context.outageLog.count(of: owner), rules: rules, outageLog: context.outageLog)
        }
    }

    /// The servers that may stand in for the owner of a key, by falling claim to it, each once.
    func others(
        for key: String, connection: ConnectionName, than owner: Node
    ) throws(CachesError) -> [Node] {
        var others: [Node] = []
        for node in try failoverOrder(of: key, connection: connection)
        where !node.hasSlots && !node.isSameServer(as: owner)
            && !others.contains(where: { $0.isSameServer(as: node) })
        {
            others.append(node)
        }
        return others
    }

    /// The doubt about a key, if its owner may not have the newest value; nil if it has, or nobody alive
    /// knows.
    ///
    /// Costs one look at a number while there is no doubt about the node.
    package func doubt(about key: String, connection: ConnectionName, owner: Node) -> DoubtfulKey? {
        guard let doubt = context.outageLog.doubt(of: owner),
            let others = try? others(for: key, connection: connection, than: owner),
            doubt.covers(others.map(\.identity), now: .now)
        else { return nil }
        return DoubtfulKey(key: key, since: doubt.since, owner: owner)
    }
}

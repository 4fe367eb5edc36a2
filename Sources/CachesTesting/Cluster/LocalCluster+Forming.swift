extension LocalCluster {
    /// Makes a cluster of servers that know nothing of each other.
    func form(masters count: Int, _ patience: Patience) throws {
        let members = currentMembers
        for (index, member) in members.enumerated() {
            // Nodes with equal epochs can't decide which of them has a slot.
            try ask(
                member.server, "CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)", within: patience.remaining)
            try setNodeTimeout(LocalCluster.formingTimeout, of: member.server, patience)
        }
        for (index, member) in members.prefix(count).enumerated() {
            let first = index * ClusterSurvey.slotCount / count
            let last = (index + 1) * ClusterSurvey.slotCount / count - 1
            try ask(
                member.server, "CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(last)", within: patience.remaining)
        }
        // If one met all others, these would learn of each other by gossip, which takes seconds.
        for (index, member) in members.enumerated() {
            try meet(members[(index + 1)...].map(\.server), member.server, patience)
        }
        for (index, member) in members.enumerated().dropFirst(count) {
            try replicate(members[index % count], member.server, patience)
        }
        try settle(patience)
        for member in members { try setNodeTimeout(plan.nodeTimeout, of: member.server, patience) }
    }

    /// Has a server meet others.
    func meet(_ others: [LocalServer], _ server: LocalServer, _ patience: Patience) throws(FleetError) {
        let commands = others.map { other in
            ["CLUSTER", "MEET", "127.0.0.1", "\(other.port ?? 0)", "\(other.busPort ?? 0)"]
        }
        _ = try ask(server, commands, patience.remaining)
    }

    /// Makes a server a master's replica, as soon as they have met.
    func replicate(_ master: Member, _ server: LocalServer, _ patience: Patience) throws {
        let id = try member(server).id
        try wait(patience, for: "\(server.name) to know \(master.server.name)") { survey in
            survey.view(of: id)?.nodes[master.id]?.isInDoubt == false
        }
        try ask(server, "CLUSTER", "REPLICATE", master.id, within: patience.remaining)
    }

    func setNodeTimeout(_ timeout: Duration, of server: LocalServer, _ patience: Patience) throws(FleetError)
    {
        try ask(
            server, "CONFIG", "SET", "cluster-node-timeout", "\(timeout.wholeMilliseconds)",
            within: patience.remaining)
    }

    /// The node timeout while a cluster forms. A node tells each other of its role within half of it, so that
    /// a long one would make for a slow start, and a short one for failovers on a slow machine.
    private static let formingTimeout = Duration.seconds(2)
}

extension LocalCluster {
    /// Moves slots and their keys from one master to another while both serve them, as `redis-cli --cluster
    /// reshard` does; returns when all servers know. A master that has given its last slot away becomes a
    /// replica of the one that got it, unless `cluster-allow-replica-migration no` is among its lines.
    ///
    /// - Parameters:
    ///   - slots: which, each 0 to 16 383, such as `0..<1000`.
    ///   - source: the master that has them.
    ///   - target: another master.
    ///   - deadline: how long it may take. Default 60 s; a thousand empty slots take a fraction of a second.
    /// - Throws: ``FleetError`` if one of the servers is down or refuses, or the deadline passes;
    ///   `CancellationError` if the task is cancelled. Some slots have been moved then, and some may be on
    ///   their way.
    public func migrate(
        _ slots: some Sequence<Int>, from source: LocalServer, to target: LocalServer,
        deadline: Duration = .seconds(60)
    ) async throws {
        let slots = Array(slots)
        try await blocking(within: deadline, inTurn: false) { patience in
            // Few at a time: only these answer with ASK meanwhile.
            for first in stride(from: 0, to: slots.count, by: 32) {
                try patience.check("The slots of \(source.name) were not moved in time.")
                let some = Array(slots[first..<min(first + 32, slots.count)])
                try self.begin(some, from: source, to: target, patience)
                try self.finish(some, from: source, to: target, patience)
            }
            try self.settle(patience)
        }
    }

    /// Begins to move a slot from the master that has it, and leaves it on its way.
    ///
    /// - Parameters:
    ///   - slot: 0 to 16 383.
    ///   - target: another master.
    /// - Throws: ``FleetError`` if one of the servers is down or refuses.
    public func beginMigration(ofSlot slot: Int, to target: LocalServer) async throws -> SlotMigration {
        let source = try await master(ofSlot: slot)
        try await blocking(within: .seconds(60), inTurn: false) { patience in
            try self.begin([slot], from: source, to: target, patience)
        }
        return SlotMigration(slot: slot, source: source, target: target, cluster: self)
    }
}

extension LocalCluster {
    /// Sets slots on their way.
    private func begin(
        _ slots: [Int], from source: LocalServer, to target: LocalServer, _ patience: Patience
    ) throws(FleetError) {
        // The target first: the source sends clients there as soon as it knows.
        try setSlots(slots, "IMPORTING", member(source), at: target, patience)
        try setSlots(slots, "MIGRATING", member(target), at: source, patience)
    }

    /// Moves the rest of the slots' keys, and hands the slots over.
    func finish(
        _ slots: [Int], from source: LocalServer, to target: LocalServer, _ patience: Patience
    ) throws {
        while try moveKeys(of: slots, from: source, to: target, atMost: 100, patience) > 0 {
            try patience.check("The keys of \(source.name) were not moved in time.")
        }
        let owner = try member(target)
        // The target first: a source that has told the slot away has nobody to send clients to, until the
        // target has taken it.
        try setSlots(slots, "NODE", owner, at: target, patience)
        try setSlots(slots, "NODE", owner, at: source, patience)
        // The others would hear of it from the target, a little later.
        let masters = survey(patience).masters
        for other in currentMembers where masters.contains(other.id) && other.server !== source {
            try setSlots(slots, "NODE", owner, at: other.server, patience)
        }
    }

    /// Moves up to so many keys of each slot: how many there were.
    func moveKeys(
        of slots: [Int], from source: LocalServer, to target: LocalServer, atMost count: Int,
        _ patience: Patience
    ) throws(FleetError) -> Int {
        let questions = slots.map { ["CLUSTER", "GETKEYSINSLOT", "\($0)", "\(count)"] }
        let keys = try ask(source, questions, patience.remaining).map { reply in
            reply.elements.compactMap { key in if case .string(let bytes) = key { bytes } else { nil } }
        }.filter { !$0.isEmpty }
        let prefix =
            ["MIGRATE", "127.0.0.1", "\(target.port ?? 0)", "", "0"]
            + ["\(patience.remaining.wholeMilliseconds)", "AUTH2"]
            + [plan.administrator.user, plan.administrator.password, "KEYS"]
        let words = prefix.map { Array($0.utf8) }
        _ = try ask(source, bytes: keys.map { words + $0 }, patience.remaining)
        return keys.reduce(0) { $0 + $1.count }
    }

    private func setSlots(
        _ slots: [Int], _ what: String, _ node: Member, at server: LocalServer, _ patience: Patience
    ) throws(FleetError) {
        let commands = slots.map { ["CLUSTER", "SETSLOT", "\($0)", what, node.id] }
        _ = try ask(server, commands, patience.remaining)
    }
}

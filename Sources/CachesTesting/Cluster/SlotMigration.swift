/// A slot on its way from one master to another, which a test can hold at any point: meanwhile the source
/// answers for the keys that it still has, and with `ASK` for others.
///
/// ```swift
/// let migration = try await cluster.beginMigration(ofSlot: 42, to: target)
/// try await migration.moveKeys(atMost: 10)
/// // some keys are here, some there: what does the client do now?
/// try await migration.finish()
/// ```
///
/// See https://redis.io/docs/latest/commands/cluster-setslot/
public struct SlotMigration: Sendable {
    /// The slot.
    public let slot: Int
    /// The master that has had it.
    public let source: LocalServer
    /// The master that gets it.
    public let target: LocalServer

    let cluster: LocalCluster

    /// Moves keys, by one `MIGRATE`.
    ///
    /// - Parameter count: how many at most, 1 or more.
    /// - Returns: how many were moved; fewer than asked for if there were no more.
    /// - Throws: ``FleetError`` if one of the servers is down or refuses.
    @discardableResult
    public func moveKeys(atMost count: Int) async throws -> Int {
        try await blocking(within: .seconds(60), inTurn: false) { patience in
            try cluster.moveKeys(of: [slot], from: source, to: target, atMost: count, patience)
        }
    }

    /// Moves the keys that are left and hands the slot over; returns when all servers know.
    ///
    /// - Parameter deadline: how long it may take. Default 60 s.
    /// - Throws: ``FleetError`` if one of the servers is down or refuses, or the deadline passes;
    ///   `CancellationError` if the task is cancelled.
    public func finish(deadline: Duration = .seconds(60)) async throws {
        try await blocking(within: deadline, inTurn: false) { patience in
            try cluster.finish([slot], from: source, to: target, patience)
            try cluster.settle(patience)
        }
    }

    /// Leaves the slot to the source, and moves back the keys that had been moved. Until then the source
    /// doesn't find it.
    ///
    /// - Throws: ``FleetError`` if one of the servers is down or refuses, as it does if a key was written
    ///   again meanwhile.
    public func cancel() async throws {
        try await blocking(within: .seconds(60), inTurn: false) { patience in
            // The source takes keys of a slot of its own, but not of one that is leaving it.
            try leave(source, patience)
            while try cluster.moveKeys(of: [slot], from: target, to: source, atMost: 100, patience) > 0 {}
            try leave(target, patience)
        }
    }

    private func leave(_ server: LocalServer, _ patience: Patience) throws(FleetError) {
        try cluster.ask(server, "CLUSTER", "SETSLOT", "\(slot)", "STABLE", within: patience.remaining)
    }
}

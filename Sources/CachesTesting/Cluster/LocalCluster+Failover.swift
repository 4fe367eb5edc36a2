extension LocalCluster {
    /// Has a replica take a master's place while both run: no write is lost, and clients wait for some
    /// milliseconds. Returns when the new master serves and every server knows.
    ///
    /// See https://redis.io/docs/latest/commands/cluster-failover/
    ///
    /// The masters vote a server out at most once in twice the node timeout, and a replica that was refused
    /// tries again after four times the node timeout: repeated failovers need a short one.
    ///
    /// - Parameters:
    ///   - master: a master that runs and has a replica that runs.
    ///   - deadline: how long it may take. Default 60 s; it is done in less than one.
    /// - Returns: the new master.
    /// - Throws: ``FleetError`` if the server is not a master, is down, or has no replica to take over, or
    ///   the deadline passes; `CancellationError` if the task is cancelled.
    @discardableResult
    public func failOver(_ master: LocalServer, deadline: Duration = .seconds(60)) async throws -> LocalServer
    {
        let old = try member(master)
        return try await blocking(within: deadline, inTurn: false) { patience in
            let new = try self.successor(of: old, patience)
            while true {
                if !self.survey(patience).masters.contains(new.id) {
                    try self.ask(new.server, "CLUSTER", "FAILOVER", within: patience.remaining)
                }
                // The servers give up after 5 s, and say so in their logs alone.
                let attempt = patience.limited(to: .seconds(6))
                let isDone = try self.find("", attempt) { survey in
                    survey.isMasterToAll(new.id) ? true : attempt.hasEnded ? false : nil
                }
                if isDone { return new.server }
                try patience.check(
                    "\(new.server.name) didn't take the place of \(master.name) in time. Their logs end with:\n"
                        + "\(new.server.log)\n\(master.log)")
            }
        }
    }

    /// Waits until replicas have taken the place of a master that was killed or paused: every slot is served
    /// again, and all servers that run agree about that.
    ///
    /// - Parameters:
    ///   - master: the server that was killed or paused. It has to be down still.
    ///   - deadline: how long it may take. Default 60 s. The servers take the node timeout and one to two
    ///     seconds.
    /// - Returns: the outage: from when the master was killed or paused to when every slot was served again,
    ///   found out to about 20 ms.
    /// - Throws: ``FleetError`` if the server serves, or the deadline passes; `CancellationError` if the task
    ///   is cancelled.
    @discardableResult
    public func waitForFailover(
        of master: LocalServer, deadline: Duration = .seconds(60)
    ) async throws -> Duration {
        _ = try member(master)
        guard !master.isServing, let begin = master.silentSince else {
            throw FleetError(
                .commandFailed, "\(master.name) serves: nobody takes its place.", advice: "Kill or pause it.")
        }
        return try await blocking(within: deadline, inTurn: false) { patience in
            let outage = try self.find("a successor of \(master.name)", patience) { survey in
                survey.isServed ? begin.duration(to: .now) : nil
            }
            try self.settle(patience)
            return outage
        }
    }

    /// The replica that is to take a master's place, as soon as it is in step and all know it for that: the
    /// master doesn't wait for one that it takes for another's, and the others don't vote for it.
    private func successor(of master: Member, _ patience: Patience) throws -> Member {
        let id = try find("a replica of \(master.server.name) that is in step", patience) { survey in
            guard survey.masters.contains(master.id) else {
                throw FleetError(.commandFailed, "\(master.server.name) is not a running master.")
            }
            let replicas = survey.replicas(of: master.id)
            guard !replicas.isEmpty else {
                throw FleetError(.commandFailed, "\(master.server.name) has no replica that runs.")
            }
            return replicas.first { survey.view(of: $0)?.isInStep == true && survey.isReplicaToAll($0) }
        }
        return currentMembers.first { $0.id == id } ?? master
    }
}

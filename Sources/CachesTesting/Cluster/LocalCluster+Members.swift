extension LocalCluster {
    /// Starts one more server, which joins the cluster as a master without slots; returns when all servers
    /// know.
    ///
    /// It takes a little more than 2 s: a server doesn't join any cluster earlier.
    ///
    /// - Parameter deadline: how long it may take. Default 60 s.
    /// - Throws: ``FleetError`` if it doesn't start or join (with the end of its log), or the deadline
    ///   passes; `CancellationError` if the task is cancelled.
    public func addMaster(deadline: Duration = .seconds(60)) async throws -> LocalServer {
        try await addServer(deadline) { _, _ in }
    }

    /// Starts one more server, which joins the cluster as a master's replica; returns when it is in step and
    /// all servers know, which may take them half the node timeout.
    ///
    /// See ``addMaster(deadline:)`` for the rest.
    public func addReplica(
        of master: LocalServer, deadline: Duration = .seconds(60)
    ) async throws -> LocalServer {
        let master = try member(master)
        return try await addServer(deadline) { server, patience in
            try self.replicate(master, server, patience)
        }
    }

    /// Has all servers forget one that has no slots and no replicas, and kills it.
    ///
    /// See https://redis.io/docs/latest/commands/cluster-forget/
    ///
    /// - Parameters:
    ///   - server: a replica, or a master without slots; it may be down.
    ///   - deadline: how long it may take. Default 60 s.
    /// - Throws: ``FleetError`` if it has slots or replicas, or the deadline passes; `CancellationError` if
    ///   the task is cancelled.
    public func remove(_ server: LocalServer, deadline: Duration = .seconds(60)) async throws {
        let member = try member(server)
        try await blocking(within: deadline, inTurn: false) { patience in
            let survey = self.survey(patience)
            let holds = survey.answers.contains { $0.view?.nodes[member.id]?.slots.isEmpty == false }
            guard !holds, survey.replicas(of: member.id).isEmpty else {
                throw FleetError(
                    .commandFailed, "\(server.name) has slots or replicas.",
                    advice: "Move the slots to another master, and remove the replicas.")
            }
            server.kill()
            self.remove(server)
            // Within a minute: for so long each refuses to hear of it from one that has not yet been told.
            for other in self.servers where other.isServing {
                try self.ask(other, "CLUSTER", "FORGET", member.id, within: patience.remaining)
            }
            try self.settle(patience)
        }
    }

    private func addServer(
        _ deadline: Duration, _ join: @escaping @Sendable (LocalServer, Patience) throws -> Void
    ) async throws -> LocalServer {
        let (member, rest) = try await blocking(within: deadline) { patience in
            (try self.startServer(patience), patience.remaining)
        }
        return try await blocking(within: rest, inTurn: false) { patience in
            do {
                try self.meet(self.servers.filter(\.isServing), member.server, patience)
                self.add(member)
                try join(member.server, patience)
                try self.settle(patience)
                return member.server
            } catch {
                member.server.kill()
                throw error
            }
        }
    }
}

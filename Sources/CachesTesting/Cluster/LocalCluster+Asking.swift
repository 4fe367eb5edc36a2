extension LocalCluster {
    /// The servers that say that they are masters, in the servers' order; also those without slots.
    ///
    /// - Parameter deadline: how long to wait for one. Default 60 s.
    /// - Throws: ``FleetError`` if none answers by then.
    public func masters(deadline: Duration = .seconds(60)) async throws -> [LocalServer] {
        try await finding(deadline, "a master") { survey in
            survey.masters.isEmpty ? nil : self.servers(survey.masters)
        }
    }

    /// The server that serves a slot.
    ///
    /// - Parameters:
    ///   - slot: 0 to 16 383.
    ///   - deadline: how long to wait until one serves it. Default 60 s.
    /// - Throws: ``FleetError`` if none serves it by then.
    public func master(ofSlot slot: Int, deadline: Duration = .seconds(60)) async throws -> LocalServer {
        try await finding(deadline, "a master of slot \(slot)") { survey in
            survey.owner(ofSlot: slot).flatMap { self.servers([$0]).first }
        }
    }

    /// The servers that say that they are replicas of a server, in the servers' order. Empty if it has no
    /// replicas.
    public func replicas(of master: LocalServer) async throws -> [LocalServer] {
        let id = try member(master).id
        return try await finding(.seconds(60), "replicas") { self.servers($0.replicas(of: id)) }
    }

    /// The slots that a server has by its own account, in ascending order; none if it is a replica, down or
    /// paused.
    public func slots(of server: LocalServer) async throws -> [ClosedRange<Int>] {
        let id = try member(server).id
        return try await finding(.seconds(60), "slots") { survey in
            survey.view(of: id)?.own.slots ?? []
        }
    }

    /// Waits until every slot is served, every replica is in step with its master, and all servers agree
    /// about all that. Servers that are down or paused are left out, unless slots are theirs.
    ///
    /// A server tells each other that it has become a replica within half the node timeout.
    ///
    /// - Parameter deadline: how long it may take. Default 60 s.
    /// - Throws: ``FleetError`` with the remaining fault and the end of that server's log, if the deadline
    ///   passes; `CancellationError` if the task is cancelled.
    public func waitUntilSettled(deadline: Duration = .seconds(60)) async throws {
        try await blocking(within: deadline, inTurn: false) { try self.settle($0) }
    }
}

extension LocalCluster {
    /// Blocks until the cluster is settled.
    func settle(_ patience: Patience) throws {
        try wait(patience, for: "its servers to agree and serve") { self.fault(of: $0) == nil }
    }

    /// Blocks until something holds for a survey.
    func wait(_ patience: Patience, for what: String, _ holds: (ClusterSurvey) throws -> Bool) throws {
        _ = try find(what, patience) { try holds($0) ? true : nil }
    }

    /// Blocks until `found` returns a value for a survey.
    func find<Found>(
        _ what: String, _ patience: Patience, _ found: (ClusterSurvey) throws -> Found?
    ) throws -> Found {
        while true {
            let survey = survey(patience)
            if let found = try found(survey) { return found }
            guard !patience.hasEnded else {
                let fault = fault(of: survey)
                let server = currentMembers.first { $0.id == fault?.id }?.server
                throw FleetError(
                    .timeout,
                    "\(name) has waited in vain for \(what). \(fault?.message ?? "")"
                        + (server.map { " Its log ends with:\n\($0.log)" } ?? ""))
            }
            try patience.pause(milliseconds: 20)
        }
    }

    private func fault(of survey: ClusterSurvey) -> ClusterSurvey.Fault? {
        survey.fault(hasHostnames: plan.endpoint == .hostname)
    }

    /// The current views of all running servers.
    func survey(_ patience: Patience) -> ClusterSurvey {
        ClusterSurvey(
            answers: currentMembers.map { member in
                ClusterSurvey.Answer(
                    id: member.id, name: member.server.name, view: view(of: member.server, patience))
            })
    }

    private func view(of server: LocalServer, _ patience: Patience) -> ClusterView? {
        guard server.isServing,
            let replies = try? ask(server, ClusterView.questions, min(patience.remaining, .seconds(5)))
        else { return nil }
        let texts = replies.map { $0.text ?? "" }
        return ClusterView(nodes: texts[0], cluster: texts[1], replication: texts[2])
    }

    /// The servers with these identifiers, in the servers' order.
    private func servers(_ ids: [String]) -> [LocalServer] {
        currentMembers.filter { ids.contains($0.id) }.map(\.server)
    }

    private func finding<Found: Sendable>(
        _ deadline: Duration, _ what: String, _ found: @escaping @Sendable (ClusterSurvey) -> Found?
    ) async throws -> Found {
        try await blocking(within: deadline, inTurn: false) { try self.find(what, $0, found) }
    }

    /// Sends a server one command.
    @discardableResult
    func ask(_ server: LocalServer, _ words: String..., within timeout: Duration) throws(FleetError)
        -> ServerReply
    {
        try ask(server, [words], timeout)[0]
    }

    /// Sends a server several commands at once. An error names the server, and has the end of its log.
    func ask(
        _ server: LocalServer, _ commands: [[String]], _ timeout: Duration
    ) throws(FleetError) -> [ServerReply] {
        try ask(server, bytes: commands.map { $0.map { Array($0.utf8) } }, timeout)
    }

    func ask(
        _ server: LocalServer, bytes commands: [[[UInt8]]], _ timeout: Duration
    ) throws(FleetError) -> [ServerReply] {
        do throws(FleetError) {
            return try server.connect(timeout: timeout).commands(commands)
        } catch {
            throw FleetError(
                error.code, "\(server.name): \(error.message) Its log ends with:\n\(server.log)",
                advice: error.advice)
        }
    }
}

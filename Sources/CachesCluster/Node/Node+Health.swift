package import CachesTransport
internal import Logging

// MARK: - Reports of calls

extension Node {
    /// A call was answered. Costs one atomic load while all is well.
    func noteAnswer() {
        guard health == .suspect else { return }
        note(.answered)
    }

    /// A pipeline was answered, possibly with errors.
    func noteAnswers(_ replies: [Reply], on connection: NodeConnection) {
        for reply in replies {
            guard case .error(let error) = reply, NotReadyReason(error.name) != nil else { continue }
            return noteFailure(error.error(node: name), on: connection)
        }
        noteAnswer()
    }

    /// Draws conclusions about the node from a failed call.
    func noteFailure(_ error: CachesError, on connection: NodeConnection) {
        guard let evidence = Evidence(error) else { return }
        count(error, evidence)
        // The call may know of the connection's end before the loop has told the node.
        if case .incident(let incident) = evidence, incident.endsConnection {
            connectionLost(connection.number, error)
            return
        }
        guard !evidence.spoilsConnection else { return forsake(connection, error, evidence) }
        if evidence.verdict == .lives { return noteAnswer() }
        if let event = event(of: evidence, error) { note(event) }
    }

    /// The health's event for a piece of evidence; nil if there is none.
    func event(of evidence: Evidence, _ error: CachesError) -> HealthStateMachine.Event? {
        switch evidence.verdict {
        case .nothing: nil
        case .lives: .answered
        case .doubtful: .late(error)
        case .failed: .connectionLost(error)
        case .out: .refused(error)
        }
    }

    private func count(_ error: CachesError, _ evidence: Evidence) {
        change { shared in
            switch evidence {
            case .error(.busy), .error(.loading), .error(.masterDown), .error(.readOnly),
                .error(.unauthenticated):
                shared.counters.unready += 1
            case .error, .answer, .endedUseless, .silence: break
            case .incident:
                switch error.code {
                case .timeout: shared.counters.late += 1
                case .overloaded: shared.counters.overloaded += 1
                case .connectionLost, .protocolViolation: shared.counters.lost += 1
                case .unreachable, .tls, .authentication: shared.counters.unreachable += 1
                default: break
                }
            }
        }
    }

    /// Handles a server that can't serve over this connection. If the next connection may lead to another
    /// server, the call is repeated there.
    private func forsake(
        _ connection: NodeConnection, _ error: CachesError, _ evidence: Evidence
    ) {
        if evidence != .error(.unauthenticated), deployment?.leave(connection.connection, of: self) == true {
            return
        }
        renounce(connection, error)
    }

    /// Ends the connection if the node is out and only another connection helps: see
    /// ``Evidence/spoilsConnection``. The next one is opened when the node is asked again, so no more often
    /// than the back-off permits, however many calls want one: many processes that may only read do not flood
    /// the server.
    /// - Returns: Whether it was the connection in use.
    @discardableResult
    func renounce(_ connection: NodeConnection, _ error: CachesError) -> Bool {
        let action: HealthStateMachine.Action? = change { shared in
            guard shared.machine.lost(connection.number, now: .now) != .stale else { return nil }
            return handle(.refused(error), &shared)
        }
        guard let action else { return false }
        Task { await connection.connection.close() }
        perform(action)
        return true
    }
}

// MARK: - Reports of others

extension Node {
    /// Takes a report that the node is back: if it is out, it is asked soon, before the back-off is over.
    func askAgain() { note(.reportedBack) }

    /// How long until ``askAgain()`` takes effect; the time between two such calls if it does already.
    var timeUntilAskedAgain: Duration { look { $0.health.timeUntilAskedAgain(now: .now) } }
}

// MARK: - Waiting for the health

extension Node {
    /// Waits until it is known whether the node, which has just failed, is out.
    /// - Returns: Whether it is still in.
    package func isUsed(before deadline: Deadline) async throws -> Bool {
        try await health(before: deadline) { $0 == .suspect ? nil : $0 } == .healthy
    }
}

extension Node {
    /// Waits until `find` finds a result in the health; a result found after the deadline is ignored.
    /// - Returns: The result; nil if the deadline has passed.
    func health<Found>(
        before deadline: Deadline, _ find: (NodeHealth) throws -> Found?
    ) async throws -> Found? {
        try await healthChanges.first(before: deadline, on: loop) { try find(health) }
    }
}

// MARK: - Actions of the health

extension Node {
    func note(_ event: HealthStateMachine.Event) {
        perform(change { handle(event, &$0) })
    }

    /// Called under the lock. The returned action is performed outside it.
    func handle(_ event: HealthStateMachine.Event, _ shared: inout Shared) -> HealthStateMachine.Action {
        let action = shared.health.handle(event, now: .now)
        guard let before = action.changedFrom else { return action }
        let health = shared.health.health
        publish(health)
        if health == .ejected, !before.isOut {
            shared.counters.ejections += 1
            giveUpIfSilent(&shared)
        }
        if health == .healthy, before.isOut { shared.counters.returns += 1 }
        let event = NodeEvent(
            node: name, from: before, to: health,
            reason: health == .suspect || health == .ejected ? shared.health.reason : nil, time: .now)
        // On the loop, so that changes are reported in order, and outside the lock.
        loop.execute { [logger, hooks, configuration, healthChanges] in
            logger.log(event, configuration.connection.endpoint)
            hooks.changed(event)
            healthChanges.changed()
        }
        return action
    }

    /// Ends a connection without answers when the node is put out. Its commands must not be carried out
    /// later: for example after other clients, which may reach the node earlier, have used it again. Called
    /// under the lock.
    private func giveUpIfSilent(_ shared: inout Shared) {
        guard shared.health.reason.flatMap({ NotReadyReason($0) }) == nil, let silent = shared.machine.current
        else { return }
        _ = shared.machine.lost(silent.number, now: .now)
        shared.session = nil
        let error = CachesError(
            .connectionLost, "The connection was given up, since the node does not answer.",
            advice: "Check that the server runs and is not kept busy by a long command.", node: name)
        loop.execute { silent.connection.leave(error, within: .zero) }
    }

    func perform(_ action: HealthStateMachine.Action) {
        if action.cancelsReadmission { look { $0.readmission }?.task.cancel() }
        switch action.task {
        case .nothing: break
        case .wait(let wait): self.wait(wait, action.step)
        case .ping: ping(action.step)
        case .readmit:
            wait(.readmission, action.step)
            readmit(action.step)
        }
    }

    private func wait(_ wait: HealthStateMachine.Wait, _ step: Int) {
        let timer = loop.schedule(after: duration(of: wait)) { [weak self] in self?.note(.due(step: step)) }
        if let old = change({ $0.timer.begin(step, timer) }) { loop.cancel(old) }
    }

    private func duration(of wait: HealthStateMachine.Wait) -> Duration {
        switch wait {
        case .interval: healthConfiguration.pingInterval * .random(in: 0.8...1.2)
        case .spacing: healthConfiguration.backoff.delay(after: 1, jitter: .random(in: 0...1))
        case .backoff(let failures):
            healthConfiguration.backoff.delay(after: failures, jitter: .random(in: 0...1))
        case .readmission: healthConfiguration.rejoinTimeout
        }
    }

    /// Runs the readmission hook before the node is used again.
    private func readmit(_ step: Int) {
        guard let readmit = hooks.readmit else { return note(.readmitted(step: step)) }
        let task = Task { [weak self] in
            guard let self else { return }
            do {
                try await readmit(self)
                note(.readmitted(step: step))
            } catch {
                // The error may be another node's, which calls do not concern.
                let failure = CachesError(
                    .unreachable, "The node answers again, but preparing it for use failed.",
                    advice: "It is tried again by itself.", node: name, underlying: error)
                note(.readmissionFailed(step: step, failure))
            }
        }
        let isOver = change { shared in
            if let other = shared.readmission, other.step > step { return true }
            shared.readmission = (step, task)
            return shared.health.health != .rejoining
        }
        if isOver { task.cancel() }
    }
}

extension Logger {
    /// Called once per change, never per call.
    fileprivate func log(_ event: NodeEvent, _ endpoint: Endpoint) {
        var metadata: Logger.Metadata = ["node": "\(event.node)", "address": "\(endpoint)"]
        if let reason = event.reason { metadata["error"] = "\(reason)" }
        switch (event.from.isOut, event.to.isOut) {
        case (false, true): warning("node down, trying again", metadata: metadata)
        case (true, false): notice("node up again", metadata: metadata)
        default: debug("node \(event.to)", metadata: metadata)
        }
    }
}

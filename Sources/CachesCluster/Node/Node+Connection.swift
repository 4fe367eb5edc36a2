internal import CachesTransport

extension Node {
    /// Begins to open a connection. Called under the lock; the connection's events come later, on the loop.
    func open(_ number: Int) -> NodeConnection {
        let connection = connect { [weak self] event in
            switch event {
            case .opened(let session): self?.connectionOpened(number, session)
            case .closed(let error): self?.connectionLost(number, error)
            }
        }
        return NodeConnection(number, connection, of: self)
    }

    /// The locator of the connections' server; nil if the configuration names it.
    var locator: Locator? { deployment?.locator(of: self) }

    /// Begins to open a connection to the server, or to the one of several that the deployment says.
    ///
    /// - Parameters:
    ///   - messages: Gets the messages of channels, on the loop's thread. nil: the connection subscribes to
    ///     none.
    ///   - observer: Told what becomes of the connection, on the loop's thread.
    func connect(
        messages: (@Sendable (ReplyArray) -> Void)? = nil,
        _ observer: @escaping @Sendable (ConnectionEvent) -> Void
    ) -> Connection {
        Connection(
            connectionConfiguration, on: loop, resolver: resolver, handshakes: handshakes, locator: locator,
            messages: messages, observer: observer)
    }

    private func connectionOpened(_ number: Int, _ session: SessionInfo) {
        let (action, connection): (HealthStateMachine.Action?, Connection?) = change { shared in
            guard shared.machine.opened(number, now: .now) else { return (nil, nil) }
            shared.session = session
            shared.counters.connections += 1
            return (handle(.connected, &shared), shared.machine.current?.connection)
        }
        if let action { perform(action) }
        if isReplica { measure() }
        if let connection { tell(of: connection) }
        beginToWatch()
    }

    private func tell(of connection: Connection) {
        guard let opened = hooks.opened else { return }
        Task(executorPreference: loop) { [weak self] in if let self { await opened(self, connection) } }
    }

    /// Handles the end of a connection, or that it could not be opened.
    /// - Returns: Whether it was the connection in use.
    @discardableResult
    func connectionLost(_ number: Int, _ error: CachesError) -> Bool {
        let action: HealthStateMachine.Action?? = change { shared in
            let connection = shared.machine.current?.connection
            let loss = shared.machine.lost(number, now: .now)
            guard loss != .stale else { return nil }
            shared.session = nil
            if loss == .unopened { noteUnopened(error, &shared) }
            guard var evidence = Evidence(error) else { return .some(nil) }
            if evidence == .incident(.closedByPeer), loss == .young, connection?.wasOfUse == false {
                evidence = .endedUseless
            }
            return .some(event(of: evidence, error).map { handle($0, &shared) })
        }
        guard let action else { return false }
        if let action { perform(action) }
        return true
    }

    private func noteUnopened(_ error: CachesError, _ shared: inout Shared) {
        let isHindrance = error.incident?.isHindrance ?? false
        shared.machine.couldNotOpen(
            hinderedBy: isHindrance ? error : nil, healthConfiguration.backoff,
            jitter: .random(in: 0...1), now: .now)
    }

    // MARK: Signs of life

    /// Sends a ping. It passes every bound on calls, and is waited for as long as bytes move. If a connection
    /// has to be opened first, that has its own time.
    func ping(_ step: Int) {
        let (connection, isOpen, writes): (NodeConnection?, Bool, Bool) = change {
            shared in
            shared.counters.pings += 1
            guard let (connection, isOpen) = shared.machine.wanted(open: open) else {
                return (nil, false, false)
            }
            let reason = shared.health.reason.flatMap { NotReadyReason($0) }
            return (connection, isOpen, reason == .readOnly)
        }
        guard let connection else { return }
        // On the loop: a busy pool of compute threads must not make the node look dead.
        Task(executorPreference: loop) { [weak self, patience = healthConfiguration.pingTimeout] in
            let start = ContinuousClock.now
            let failure = await Self.ping(connection, patience: patience, writes: writes)
            guard let self else { return }
            guard let failure else {
                if isOpen { note(roundTrip: .now - start) }
                return note(.pingAnswered(step: step))
            }
            pingFailed(step, failure, connection)
        }
    }

    /// Handles a ping that failed or was answered by an error.
    private func pingFailed(
        _ step: Int, _ error: CachesError, _ connection: NodeConnection
    ) {
        var evidence = Evidence(error)
        if evidence == .incident(.noReply) { evidence = .silence }
        // The end of the connection is an event of its own; the ping's failure counts only if another
        // connection has taken its place, or the end was not reported.
        let isNews =
            if error.incident?.endsConnection == true {
                connectionLost(connection.number, error)
            } else if evidence?.spoilsConnection == true {
                renounce(connection, error)
            } else { false }
        switch evidence?.verdict {
        case .nothing, nil: note(.pingPostponed(step: step))
        case .lives: note(.pingAnswered(step: step))
        case .out where !isNews && error.incident == nil: note(.refused(error))
        case .out, .failed: if !isNews { note(.pingFailed(step: step, error)) }
        // It answers, but does nothing else now. It gets as much time as a silent node.
        case .doubtful:
            loop.schedule(after: healthConfiguration.pingTimeout) { [weak self] in
                self?.note(.pingFailed(step: step, error))
            }
        }
    }

    /// - Returns: Why the answer did not come; nil if it did.
    private static func ping(
        _ connection: NodeConnection, patience: Duration, writes: Bool
    ) async -> CachesError? {
        do {
            _ = try await connection.connection.signOfLife(patience: patience) { command in
                command.begin(writes ? 2 : 1)
                command.argument(writes ? "UNLINK" : "PING")
                // A replica answers PING, and refuses even a write that changes nothing.
                if writes { command.argument("caches:ping") }
            }
            return nil
        } catch {
            return error as? CachesError ?? CachesError(.timeout, "The ping was cancelled.")
        }
    }
}

extension Node {
    /// Stops using the present connection, if `condition` holds, and opens another.
    /// - Parameter time: How long calls under way may still get their replies.
    func leave(
        _ why: String, advice: String, within time: Duration,
        if condition: (Connection) -> Bool = { _ in true }
    ) {
        let left: Connection? = change { shared in
            guard let left = shared.machine.current, condition(left.connection),
                shared.machine.lost(left.number, now: .now) != .stale
            else { return nil }
            shared.session = nil
            _ = shared.machine.wanted(open: open)
            return left.connection
        }
        guard let left else { return }
        left.leave(
            CachesError(
                .connectionLost, "The connection to \(left.destination.endpoint) was left: \(why)",
                advice: advice, node: name),
            within: time)
    }
}

internal import CachesTransport

extension Node {
    /// Begins to open a connection. Called under the lock; what it is told of later comes on the loop.
    func open(_ number: Int) -> Connection {
        connect { [weak self] event in
            switch event {
            case .opened(let session): self?.connectionOpened(number, session)
            case .closed(let error): self?.connectionLost(number, error)
            }
        }
    }

    /// Begins to open a connection to the server, or to the primary of several.
    func connect(_ observer: @escaping @Sendable (ConnectionEvent) -> Void) -> Connection {
        Connection(
            connectionConfiguration, on: loop, resolver: resolver, locator: locator, observer: observer)
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

    /// - Returns: Whether it was the connection in use.
    @discardableResult
    func connectionLost(_ number: Int, _ error: CachesError) -> Bool {
        let action: HealthStateMachine.Action? = change { shared in
            let loss = shared.machine.lost(number, now: .now)
            guard loss != .stale else { return nil }
            shared.session = nil
            return handle(loss == .used ? .connectionLost(error) : .refused(error), &shared)
        }
        if let action { perform(action) }
        return action != nil
    }

    // MARK: Signs of life

    /// Asks for a sign of life.
    func ping(_ step: Int) {
        let (attempt, isOpen, deadline, writes):
            (NodeStateMachine<Connection>.Attempt?, Bool, Duration, Bool) =
                change { shared in
                    shared.counters.pings += 1
                    guard let (attempt, isOpen) = shared.machine.wanted(open: open) else {
                        return (nil, false, .zero, false)
                    }
                    // While calls still go there, who waits for the connection to open waits for the ping as well.
                    let opens = !isOpen && shared.health.health.isOut
                    return (
                        attempt, isOpen,
                        healthConfiguration.pingTimeout
                            + (opens ? connectionConfiguration.connectTimeout : .zero),
                        shared.health.reason.flatMap { Unreadiness($0) } == .readOnly
                    )
                }
        guard let attempt else { return }
        // On the loop: a pool of threads that compute must not make the node look dead.
        Task(executorPreference: loop) { [weak self] in
            let start = ContinuousClock.now
            let event = await Self.ping(attempt, within: deadline, writes: writes, step)
            guard let self else { return }
            switch event {
            case .pingAnswered where isOpen:
                note(roundTrip: .now - start)
                note(event)
            // The end of the connection is the node's news, not that of the ping.
            case .pingFailed(_, let error) where Self.meansLoss(error):
                // Where another connection has taken its place, the ping still wants its end.
                if !connectionLost(attempt.number, error) { note(event) }
            case .refused(let error) where Unreadiness(error) == .unauthenticated:
                if !renounce(attempt, error) { note(event) }
            case let event: note(event)
            }
        }
    }

    private static func ping(
        _ attempt: NodeStateMachine<Connection>.Attempt, within time: Duration, writes: Bool, _ step: Int
    ) async -> HealthStateMachine.Event {
        do {
            _ = try await attempt.connection.send(deadline: .after(time)) { command in
                command.begin(writes ? 2 : 1)
                command.argument(writes ? "UNLINK" : "PING")
                // A replica answers PING, and refuses even a write that changes nothing.
                if writes { command.argument("caches:ping") }
            }
            return .pingAnswered(step: step)
        } catch let error as CachesError {
            // A user who may not ask is answered nonetheless.
            if error.meansForbidden { return .pingAnswered(step: step) }
            return Unreadiness(error) == nil ? .pingFailed(step: step, error) : .refused(error)
        } catch {
            return .pingFailed(step: step, CachesError(.timeout, "The ping was cancelled."))
        }
    }

    private static func meansLoss(_ error: CachesError) -> Bool {
        error.code != .timeout && error.code != .overloaded && error.code.serverName == nil
    }
}

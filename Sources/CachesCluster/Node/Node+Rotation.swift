internal import CachesTransport
internal import Logging
internal import Synchronization

// Certificates, keys, passwords and addresses that change while the connection is open.
extension Node {
    /// Logs once that a node's TLS is not fully verified.
    func reportVerification() {
        guard let tls = configuration.connection.tls, tls.verification != .full else { return }
        logger.warning(
            "TLS is not fully verified",
            metadata: [
                "node": "\(name)", "address": "\(configuration.connection.endpoint)",
                "verify": "\(tls.verification.rawValue)",
            ])
    }

    /// Begins to watch for changes of certificates, credentials and addresses: a connection has opened.
    func beginToWatch() {
        guard configuration.connection.mayChange || watchesName, change({ $0.rotation.opened() }) else {
            return
        }
        rest()
    }

    /// Whether to look up the host's name periodically. Not if the deployment names the servers: then it
    /// reports changes.
    private var watchesName: Bool { configuration.connection.endpoint.isName && locator == nil }

    /// How often the name is looked up. The default is about as long as name servers let a changing address
    /// be cached: ten thousand processes ask three hundred times a second.
    private var nameInterval: Duration { configuration.refreshInterval ?? .seconds(30) }

    private func rest() {
        let wait = configuration.connection.mayChange ? configuration.connection.reloadInterval : nameInterval
        // Processes that started together do not ask together.
        let jittered = configuration.connection.mayChange ? wait : wait * .random(in: 0.8...1.2)
        loop.schedule(after: jittered) { [weak self] in self?.look() }
    }

    private func look() {
        let (look, session) = change { ($0.rotation.due(), $0.session) }
        guard let look else { return }
        guard let session else { return looked(look, ConnectionChanges()) }
        if configuration.connection.mayChange {
            configuration.connection.look(since: session) { [weak self] in
                self?.lookAtName(look, session, $0)
            }
        } else {
            lookAtName(look, session, ConnectionChanges())
        }
        loop.schedule(after: configuration.connection.connectTimeout) { [weak self] in
            self?.lookIsLate(look)
        }
    }

    /// Continues with the name, if it is time for that. A name service that does not answer changes nothing.
    private func lookAtName(_ look: Int, _ session: SessionInfo, _ changes: ConnectionChanges) {
        let isDue = change { shared in
            shared.foundSoFar = (look, changes)
            guard watchesName, ContinuousClock.now >= shared.nameLook else { return false }
            // A little early, so that the next look is not just too soon.
            shared.nameLook = .now + nameInterval * 0.75
            return true
        }
        guard isDue else { return looked(look, changes) }
        resolver.leadsElsewhere(configuration.connection.endpoint, than: session) { [weak self] elsewhere in
            var changes = changes
            changes.leadsElsewhere = elsewhere
            self?.looked(look, changes)
        }
    }

    private func lookIsLate(_ look: Int) {
        if let found = self.look({ $0.foundSoFar }), found.look == look { return looked(look, found.changes) }
        var changes = ConnectionChanges()
        changes.error = CachesError(
            .authentication, "The credentials provider has not answered in time.",
            advice: "It should have them at hand.")
        looked(look, changes)
    }

    private func looked(_ look: Int, _ changes: ConnectionChanges) {
        let (action, isNews, connection) = change { shared in
            let action = shared.rotation.looked(
                look, mustReplace: changes.haveFilesChanged || changes.leadsElsewhere)
            guard action != .nothing else { return (action, false, nil as Connection?) }
            let fault = changes.error.map { "\($0)" }
            // Whether changed credentials are valid is known later.
            let isNews = (changes.credentials == nil || fault != nil) && shared.rotation.report(fault)
            return (action, isNews, shared.machine.current?.connection)
        }
        guard action != .nothing else { return }
        if isNews { report(changes.error) }
        if let credentials = changes.credentials, let connection { authenticate(connection, credentials) }
        switch action {
        case .nothing: break
        case .rest: rest()
        case .awaitTurn:
            let interval =
                changes.leadsElsewhere
                ? min(nameInterval, configuration.connection.reloadInterval)
                : configuration.connection.reloadInterval
            loop.schedule(after: interval * ReplacementStagger.next()) { [weak self] in self?.replace() }
        }
    }

    private func report(_ error: CachesError?) {
        guard let error else { return }
        logger.warning(
            "changed certificates or credentials can't be used yet, going on with the former",
            metadata: ["node": "\(name)", "error": "\(error.at(name))"])
    }

    private func authenticate(_ connection: Connection, _ credentials: Credentials) {
        Task { [weak self, deadline = deadline()] in
            do {
                try await connection.authenticate(credentials, deadline: deadline)
                self?.change { shared in
                    _ = shared.rotation.report(nil)
                    guard shared.machine.current?.connection === connection else { return }
                    shared.session?.credentials = credentials
                }
            } catch let error as CachesError {
                guard let self, change({ $0.rotation.report("\(error)") }) else { return }
                report(error)
            }
        }
    }

    // MARK: Replacing the connection

    private func replace() {
        change { shared in
            shared.rotation.turn {
                let number = shared.machine.nextNumber()
                let connection = connect { [weak self] event in
                    switch event {
                    case .opened(let session): self?.replacementOpened(number, session)
                    case .closed(let error): self?.replacementLost(number, error)
                    }
                }
                return NodeConnection(number, connection, of: self)
            }
        }
    }

    private func replacementOpened(_ number: Int, _ session: SessionInfo) {
        let former: Connection? = change { shared in
            guard let replacement = shared.rotation.ended(number) else { return nil }
            // It may lead to a server that is no longer the primary.
            if let destination = deployment?.destination, session.endpoint != destination {
                return replacement.connection
            }
            let former = shared.machine.replace(with: replacement).connection
            if shared.machine.current?.number == number { shared.session = session }
            return former
        }
        rest()
        // Waiting commands have deadlines of their own; the connection has one so that it does not stay for
        // ever.
        if let former { Task { await former.close(deadline: .after(.seconds(60))) } }
    }

    /// The replacement failed, before or after it took over.
    private func replacementLost(_ number: Int, _ error: CachesError) {
        let wasReplacing = change { $0.rotation.ended(number) != nil }
        guard wasReplacing else {
            connectionLost(number, error)
            return
        }
        if change({ $0.rotation.report("\(error)") }) { report(error) }
        rest()
    }
}

/// When nodes replace their connections: each waits for a fraction of the interval, and the fractions are
/// evenly spread for any number of nodes, as multiples of the golden ratio are. Their start differs between
/// processes.
private enum ReplacementStagger {
    private static let taken = Atomic(UInt64.random(in: .min ... .max))

    /// From 0 to 1.
    static func next() -> Double {
        // 2⁶⁴ divided by the golden ratio.
        let (_, new) = taken.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed)
        return Double(new >> 11) / Double(1 << 53 as UInt64)
    }
}

package import CachesTransport

// A node that Sentinels watch over stays one node, with one name, one health and one ledger of outages, whichever of
// the servers is the primary. What changes is where its next connection leads to.
extension Node {
    /// Where connections lead to: nil where the configuration says it.
    var locator: Locator? {
        guard let sentinels else { return nil }
        return Locator("the Sentinels' answer who the primary is") { [sentinels, weak self] answer in
            sentinels.locate { [weak self] found in
                guard let self else { return answer(.failure(CachesError.poolClosed)) }
                answer(
                    found.map { endpoint in
                        var destination = self.connectionConfiguration.at(
                            endpoint, hosts: self.configuration.givenHosts)
                        destination.requiresPrimary = true
                        return destination
                    })
            }
        }
    }

    /// Begins to listen to what the Sentinels say.
    func listenToSentinels() {
        sentinels?.onNews { [weak self] news in
            switch news {
            case .primary(let endpoint): self?.primaryChanged(to: endpoint)
            case .replicas(let endpoints): self?.setReplicas(endpoints)
            case .checkRole: self?.checkRole()
            }
        }
    }

    /// The server that the Sentinels name as the primary, nil where there are none or it is not known yet.
    package var knownPrimary: Endpoint? { sentinels?.primary }

    /// Whether a server by itself is the primary. The Sentinels are asked, if they have not been yet: it takes a
    /// hand-over longer than them before it matters.
    func isPrimary(_ other: Node) -> Bool {
        sentinels?.begin()
        return knownPrimary == other.configuration.connection.endpoint
    }

    /// What each Sentinel said last, in a few words; empty where there are none.
    package var sentinelAnswers: [(sentinel: Endpoint, answer: String)] {
        (sentinels?.words ?? []).map { sentinel, word in
            (sentinel, word.map(SentinelFailure.text) ?? "it has not answered yet")
        }
    }

    /// Waits until each Sentinel has said something: a majority is enough for all else.
    package func waitForSentinels(before deadline: Deadline) async throws {
        while let words = sentinels?.words, words.contains(where: { $0.word == nil }), !deadline.hasPassed {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    // MARK: Leaving a server

    /// How long calls under way may still get their replies from a server that is left. Then those that may be made
    /// twice are made at the other.
    static let grace = Duration.milliseconds(100)

    private func primaryChanged(to endpoint: Endpoint) {
        leave("Another server is the primary now.") { connection in
            // One that does not know yet where to lead is told of the new one.
            connection.isLocated && connection.destination.endpoint != endpoint
        }
        askAgain()
    }

    /// The server of a connection says that it is no primary.
    func leave(_ attempt: NodeStateMachine<Connection>.Attempt) {
        leave("The server is no primary any more.") { $0 === attempt.connection }
        sentinels?.doubt()
    }

    /// Uses the present connection no more, if `condition` holds, and opens another.
    /// - Parameter time: How long calls under way may still get their replies.
    func leave(
        _ why: String, advice: String = "The next call uses the new primary.", within time: Duration = grace,
        if condition: (Connection) -> Bool = { _ in true }
    ) {
        let left: Connection? = change { shared in
            guard let attempt = shared.machine.current, condition(attempt.connection),
                shared.machine.lost(attempt.number, now: .now) != .stale
            else { return nil }
            shared.session = nil
            _ = shared.machine.wanted(open: open)
            return attempt.connection
        }
        guard let left else { return }
        left.leave(
            CachesError(
                .connectionLost, "The connection to \(left.destination.endpoint) was left: \(why)",
                advice: advice, node: name),
            within: time)
    }

    /// Has those of several commands carried out by the primary that a server refused which is none any more. It has been
    /// left by now.
    /// - Returns: The replies, those of the primary in their places.
    /// - Throws: ``PartialFailure`` if the primary can't be asked, and some commands were not refused.
    func sendRefused(
        _ replies: [Reply], _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard replies.contains(where: \.isRefusalOfReplica) else { return replies }
        let commands = try RecordedCommands(write)
        let refused = commands.units.filter { unit in
            // A transaction with a command that was refused ends with an error, or it has been carried out.
            unit.contains { replies[$0].isRefusalOfReplica } && unit.last.map { replies[$0].isError } ?? false
        }.joined().map(\.self)
        guard !refused.isEmpty else { return replies }
        let again = Call(count: refused.count, idempotent: call.idempotent, deadline: call.deadline)
        var all = replies
        do {
            let answers = try await exchangeHere(again) {
                for index in refused { $0.recorded(commands, at: index) }
            }
            for (index, answer) in zip(refused, answers) { all[index] = answer }
        } catch let error as CachesError {
            guard refused.count < replies.count else { throw error }
            throw PartialFailure(
                replies: replies, failures: Dictionary(uniqueKeysWithValues: refused.map { ($0, error) }))
        }
        return all
    }

    /// Asks the server in use for its role: one that was demoted may go on to answer reads.
    private func checkRole() {
        let attempt = look { shared -> NodeStateMachine<Connection>.Attempt? in
            guard shared.session != nil else { return nil }
            return shared.machine.current
        }
        guard let attempt else { return }
        Task(executorPreference: loop) { [weak self, deadline = deadline()] in
            let replies = try? await attempt.connection.pipeline(1, deadline: deadline) {
                Role.write(to: &$0)
            }
            guard let reply = replies?.first, Role(reply) == .replica else { return }
            self?.leave(attempt)
        }
    }

    // MARK: Replicas

    /// Replicas that the Sentinels name, to be read from.
    var foundReplicas: [Node] { look { $0.foundReplicas } }

    private func setReplicas(_ endpoints: [Endpoint]) {
        // Called on the loop alone: nobody else changes them, but for who closes the node.
        let former = foundReplicas
        let found = endpoints.map { endpoint in
            former.first { $0.configuration.connection.endpoint == endpoint } ?? replica(at: endpoint)
        }
        let isOpen = change { shared in
            guard shared.machine.isOpenable else { return false }
            shared.foundReplicas = found
            return true
        }
        guard isOpen else { return }
        let gone = former.filter { node in !found.contains { $0 === node } }
        for node in gone { Task { await node.close(deadline: node.deadline()) } }
    }

    /// A node for a replica, which connects when it is first read from.
    private func replica(at endpoint: Endpoint) -> Node {
        var connection = configuration.connection(at: endpoint)
        connection.name = "\(name)@\(endpoint)"
        var replica = NodeConfiguration(
            name: connection.name, connection: connection, source: configuration.source)
        replica.replicaOf = name
        replica.deadline = configuration.deadline
        var hooks = NodeHooks()
        hooks.changed = self.hooks.changed
        return Node(
            replica, fingerprint: fingerprint.withLock { $0 }, defaultDeadline: defaultDeadline,
            health: healthConfiguration, hooks: hooks, logger: logger, handshakes: handshakes, on: loop,
            resolver: resolver)
    }
}

extension Reply {
    /// Whether a replica says that it takes no writes.
    fileprivate var isRefusalOfReplica: Bool {
        if case .error(let error) = self { error.name == Unreadiness.readOnly.rawValue } else { false }
    }
}

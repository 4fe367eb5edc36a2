internal import CachesTransport
internal import Logging

/// Finds the primary by asking Sentinels and by listening to them: the state machine's storage, timers and
/// connections. It begins when it is first asked.
///
/// All events are handled on the loop's thread, one after the other, so that the actions for one end before
/// the next. The lock is for readers on other threads.
final class SentinelWatch: Sendable {
    /// News for the node.
    enum News: Sendable {
        /// Connections that lead to any other server are obsolete.
        case primary(Endpoint)
        case replicas([Endpoint])
        /// Ask the server in use for its role.
        case checkRole
    }

    private struct State: Sendable {
        var machine: SentinelStateMachine
        var links: [Endpoint: SentinelLink] = [:]
        var waiting: [@Sendable (Result<Endpoint, CachesError>) -> Void] = []
        var timer: EventLoop.TimerToken?
        var tell: @Sendable (News) -> Void = { _ in }
        var reported: Set<String> = []
        var isClosed = false
    }

    private let state: Locked<State>

    /// Signals callers that wait for an answer, after each event.
    let changes = ChangeSignal()
    private let configuration: SentinelConfiguration
    private let node: NodeConfiguration
    private let loop: EventLoop
    private let resolver: Resolver
    private let handshakes: HandshakeBudget
    private let logger: Logger

    init(
        _ configuration: SentinelConfiguration, of node: NodeConfiguration, _ handshakes: HandshakeBudget,
        on loop: EventLoop, resolver: Resolver, logger: Logger
    ) {
        let mustVouch =
            node.connection.sendsPasswordUnproved
            || node.sentinelConnection(to: node.connection.endpoint, configuration).sendsPasswordUnproved
        state = Locked(
            State(machine: SentinelStateMachine(sentinels: configuration.sentinels, mustVouch: mustVouch)))
        self.configuration = configuration
        self.node = node
        self.loop = loop
        self.resolver = resolver
        self.handshakes = handshakes
        self.logger = logger
    }

    /// Sets the receiver of news, called on the loop.
    func onNews(_ tell: @escaping @Sendable (News) -> Void) { state.withLock { $0.tell = tell } }

    /// The primary, as far as known.
    var primary: Endpoint? { state.withLock { $0.machine.primary?.endpoint } }

    /// The last answer of each Sentinel; nil: none yet.
    var words: [(sentinel: Endpoint, word: SentinelReply?)] {
        state.withLock { state in
            state.machine.sentinels.map { ($0, state.machine.words[$0]) }
        }
    }

    /// Finds the primary. `body` is called once, on any thread, within the time that a round takes.
    func locate(_ body: @escaping @Sendable (Result<Endpoint, CachesError>) -> Void) {
        loop.execute { [self] in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.waiting.append(body) }
                return state.isClosed
            }
            guard !isClosed else { return body(.failure(CachesError.poolClosed)) }
            handle(.wanted)
        }
    }

    /// Begins to ask, unless it has begun.
    func begin() {
        if state.withLock({ !$0.machine.hasBegun }) { locate { _ in } }
    }

    /// Notes that the server in use says that it is not a primary.
    func doubt() { loop.execute { [self] in handle(.doubted) } }

    func close() {
        let (links, timer, waiting) = state.withLock { state in
            state.isClosed = true
            defer { (state.links, state.timer, state.waiting) = ([:], nil, []) }
            return (state.links, state.timer, state.waiting)
        }
        if let timer { loop.cancel(timer) }
        for link in links.values { link.close() }
        for body in waiting { body(.failure(CachesError.poolClosed)) }
    }
}

// MARK: - On the loop

extension SentinelWatch {
    private func handle(_ event: SentinelStateMachine.Event) {
        let (action, tell): (SentinelStateMachine.Action, @Sendable (News) -> Void) = state.withLock {
            state in
            guard !state.isClosed else { return (SentinelStateMachine.Action(), state.tell) }
            return (state.machine.handle(event, now: .now), state.tell)
        }
        if let sentinels = action.sentinels { keepLinks(to: sentinels) }
        if let (round, sentinels) = action.ask { ask(sentinels, round) }
        if let (step, wait) = action.wait { self.wait(wait, step) }
        if let primary = action.primary {
            logger.notice(
                "the primary is another server now",
                metadata: ["node": "\(node.name)", "address": "\(primary)"])
            tell(.primary(primary))
        }
        if let replicas = action.replicas { tell(.replicas(replicas)) }
        if action.checksRole { tell(.checkRole) }
        if let outcome = action.outcome { answer(outcome) }
        changes.changed()
    }

    private func answer(_ outcome: SentinelStateMachine.Outcome) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        let result: Result<Endpoint, CachesError> =
            switch outcome {
            case .primary(let endpoint): .success(endpoint)
            case .nobody(let words): .failure(SentinelFailure.error(configuration.service, words))
            case .unvouched(let words): .failure(SentinelFailure.unvouched(configuration.service, words))
            }
        for body in waiting { body(result) }
    }

    /// How long to wait for answers: the rest of the time for opening is for the server.
    private var roundTime: Duration { node.connection.connectTimeout / 2 }

    private func ask(_ sentinels: [Endpoint], _ round: Int) {
        for sentinel in sentinels {
            guard let link = link(to: sentinel) else { return }
            link.ask(within: roundTime) { [weak self] word, flaws in
                self?.report(flaws, of: sentinel)
                self?.handle(.heard(round: round, from: sentinel, word))
            }
        }
        loop.schedule(after: roundTime) { [weak self] in self?.handle(.timeOver(round: round)) }
    }

    private func wait(_ wait: SentinelStateMachine.Wait, _ step: Int) {
        let interval = node.refreshInterval ?? Self.interval
        let time =
            switch wait {
            // A tenth at random: see ``NodeConfiguration/refreshInterval``.
            case .interval: interval * .random(in: 0.9...1)
            case .backoff(let failures):
                Backoff(first: min(.milliseconds(200), interval), cap: interval)
                    .delay(after: failures, jitter: .random(in: 0...1))
            }
        let timer = loop.schedule(after: time) { [weak self] in self?.handle(.due(step: step)) }
        let former = state.withLock { state -> EventLoop.TimerToken? in
            guard !state.isClosed else { return timer }
            defer { state.timer = timer }
            return state.timer
        }
        if let former { loop.cancel(former) }
    }

    /// How often Sentinels are asked by default: what they publish comes at once, so this is for missed
    /// messages.
    private static let interval = Duration.seconds(10)

    // MARK: Connections

    private func link(to sentinel: Endpoint) -> SentinelLink? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            if let link = state.links[sentinel] { return link }
            let link = SentinelLink(
                node.sentinelConnection(to: sentinel, configuration), service: configuration.service,
                map: node.addressMap, handshakes, on: loop, resolver: resolver,
                switched: { [weak self] primary in self?.handle(.switched(by: sentinel, to: primary)) },
                lost: { [weak self] in self?.handle(.lost(sentinel)) })
            state.links[sentinel] = link
            return link
        }
    }

    private func keepLinks(to sentinels: [Endpoint]) {
        let gone = state.withLock { state in
            let gone = state.links.filter { !sentinels.contains($0.key) }
            for endpoint in gone.keys { state.links[endpoint] = nil }
            return gone
        }
        for link in gone.values { link.close() }
    }

    /// Logs once for each Sentinel which commands the user may not run there.
    private func report(_ flaws: [String], of sentinel: Endpoint) {
        guard !flaws.isEmpty else { return }
        let isNew = state.withLock { state in
            state.reported.count < SentinelStateMachine.maximumSentinels
                && state.reported.insert("\(sentinel)").inserted
        }
        guard isNew else { return }
        logger.warning(
            "a Sentinel does not let the user run all useful commands",
            metadata: [
                "node": "\(node.name)", "sentinel": "\(sentinel)",
                "missing": "\(flaws.joined(separator: ", "))",
            ])
    }
}

extension NodeConfiguration {
    /// The configuration for connecting to a Sentinel: as for the servers, with credentials of its own.
    fileprivate func sentinelConnection(
        to sentinel: Endpoint, _ configuration: SentinelConfiguration
    ) -> ConnectionConfiguration {
        var connection = self.connection(at: sentinel)
        connection.name = name
        connection.credentials = configuration.credentials
        connection.credentialsProvider = configuration.credentialsProvider
        connection.database = 0
        connection.connectTimeout = self.connection.connectTimeout / 2
        // A Sentinel tells less than 1 KB of a server, and at most `SentinelQuestion.mostServers` are read.
        connection.maximumReplyBytes = 1 << 20
        return connection
    }
}

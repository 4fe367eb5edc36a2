public import CachesTransport
internal import Logging
internal import Synchronization

/// One server of a pool.
///
/// It keeps one connection, shared by all tasks: opened when first needed, and opened again when lost. A node that
/// can't be reached, hangs or says that it can't serve is put out (``health``): calls fail at once and say why, so
/// that a dead server costs its callers no time, while it is asked in the background, ever more seldom, whether it
/// is back.
public final class Node: Sendable {
    /// What the node was made with.
    public let configuration: NodeConfiguration

    struct Shared: Sendable {
        var machine = NodeStateMachine<NodeConnection>()
        var health: HealthStateMachine
        var rotation = Rotation<NodeConnection>()
        var session: SessionInfo?
        var counters = NodeCounters()
        var roundTrip: Duration?
        /// When the name of its host is looked up again.
        var nameLook = ContinuousClock.now
        /// What a look has found so far, while it goes on with the name.
        var foundSoFar: (look: Int, changes: ConnectionChanges)?
        /// What waits for its time.
        var timer = RestartableTimer()
        var readmission: (step: Int, task: Task<Void, Never>)?
        /// Whether some keys may be older here than what was written in the node's place: calls then go the long way.
        var isInDoubt = false
    }

    /// The same as ``name``, for replies that are kept.
    package let label: NodeName

    /// The deployment that it is one server of; nil if it is a server by itself.
    let deployment: (any NodeDeployment)?

    /// Whether its server has only the keys of some hash slots, as one of a cluster has.
    ///
    /// One command can then have keys of one slot alone; and while the server is out, the others see to it
    /// that its slots are served again: no other node stands in for it.
    package let hasSlots: Bool

    private let shared: Locked<Shared>
    /// What calls see of it.
    @usableFromInline let current: CurrentConnection
    /// Whose turn it is among bulk calls.
    let bulk: BulkTurns
    /// The health, for those who want to know it before each call: written under the lock.
    private let healthNow = Atomic(NodeHealth.healthy.rawValue)

    /// The same as in `Shared`, for those who want to know it before each call.
    private let doubtNow = Atomic(false)

    /// For those who wait for another health. It has changed when all who are told of it have been.
    let healthChanges = ChangeSignal()

    let healthConfiguration: HealthConfiguration
    let hooks: NodeHooks
    let logger: Logger
    let loop: EventLoop
    let resolver: Resolver
    /// From which the TLS handshakes of its connections are taken.
    let handshakes: HandshakeBudget
    let defaultDeadline: Duration

    /// The fingerprint of the pool, which connections tell the server.
    let fingerprint: Locked<String>

    init(
        _ configuration: NodeConfiguration, fingerprint: String, defaultDeadline: Duration,
        health: HealthConfiguration = HealthConfiguration(), hooks: NodeHooks = NodeHooks(), logger: Logger,
        handshakes: HandshakeBudget = HandshakeBudget(), of deployment: (any NodeDeployment)? = nil,
        on loop: EventLoop = EventLoops.forNode(), resolver: Resolver = .system
    ) {
        self.deployment = deployment
        hasSlots = deployment?.hasSlots ?? false
        self.configuration = configuration
        label = NodeName(configuration.name)
        self.fingerprint = Locked(fingerprint)
        self.defaultDeadline = configuration.deadline ?? defaultDeadline
        current = CurrentConnection(defaultDeadline: self.defaultDeadline)
        healthConfiguration = health
        self.hooks = hooks
        self.logger = logger
        self.loop = loop
        bulk = BulkTurns(configuration.connection, on: loop)
        self.resolver = resolver
        self.handshakes = handshakes
        shared = Locked(Shared(health: HealthStateMachine(health, readmits: hooks.readmit != nil)))
        reportVerification()
    }

    deinit {
        let (connection, replacement, timer) = shared.withLock {
            ($0.machine.close(), $0.rotation.close(), $0.timer.token)
        }
        current.close()
        // Calls refer to the connection, and not to the node: those under way end as they would have, by their own deadlines.
        connection?.connection.beginToClose(deadline: .after(.seconds(60)))
        replacement?.connection.abort()
        if let timer { loop.cancel(timer) }
    }

    /// What the node is called: the fragment of its DSN, or `host:port/database`.
    public var name: String { configuration.name }

    /// What its connection is doing.
    public var state: NodeState {
        look { shared in
            let state = shared.machine.summary
            if case .closed = state { return state }
            return shared.health.health.isOut ? .down(shared.health.outError) : state
        }
    }

    /// Whether it is used, and if not, how far it is on its way back.
    // A raw value is only ever written from a case.
    public var health: NodeHealth { NodeHealth(rawValue: healthNow.load(ordering: .acquiring))! }

    /// Whether calls are kept from it. Costs no more than reading a number.
    public var isOut: Bool { healthNow.load(ordering: .acquiring) >= NodeHealth.ejected.rawValue }

    /// Whether some keys may be older here than what was written elsewhere while the node was out: see ``Rejoin``.
    package var isInDoubt: Bool { doubtNow.load(ordering: .acquiring) }

    /// Some keys may be older here, or no longer are.
    func setInDoubt(_ isInDoubt: Bool) {
        guard isInDoubt != self.isInDoubt else { return }
        change { shared in
            shared.isInDoubt = isInDoubt
            doubtNow.store(isInDoubt, ordering: .releasing)
        }
    }

    /// What it has counted since it was made.
    public var counters: NodeCounters {
        var counters = look { $0.counters }
        counters.calls += current.calls
        return counters
    }

    /// What was agreed on with the server when the present connection opened; nil while there is none.
    public var session: SessionInfo? { look { $0.session } }

    /// When a call that begins now has to end.
    ///
    /// - Parameter duration: What the call or its cache asks for; nil for the node's or the pool's default.
    public func deadline(_ duration: Duration? = nil) -> Deadline {
        current.deadline(duration)
    }

    /// Looks at what the lock guards.
    func look<Result: Sendable>(_ body: (borrowing Shared) -> Result) -> Result {
        shared.withLock { body($0) }
    }

    /// Changes what the lock guards, and shows calls what has come of it.
    @discardableResult
    func change<Result: Sendable>(_ body: (inout Shared) -> Result) -> Result {
        shared.withLock { shared in
            defer {
                let health = shared.health.health
                current.publish(
                    health.isOut || shared.isInDoubt ? nil : shared.machine.offered,
                    isSuspect: health == .suspect)
            }
            return body(&shared)
        }
    }

    /// Called under the lock, whenever the health may have changed.
    func publish(_ health: NodeHealth) { healthNow.store(health.rawValue, ordering: .releasing) }

    /// Takes no more calls, waits for those under way until `deadline`, and closes the connection.
    /// - Parameter error: What those get whose reply has not come by then. nil: that the pool was closed.
    func close(deadline: Deadline, telling error: CachesError? = nil) async {
        let (connection, replacement, timer, readmission) = change { shared in
            shared.session = nil
            _ = shared.health.close()
            publish(.healthy)
            return (
                shared.machine.close(), shared.rotation.close(), shared.timer.token,
                shared.readmission?.task
            )
        }
        healthChanges.changed()
        if let timer { loop.cancel(timer) }
        readmission?.cancel()
        await replacement?.connection.close(deadline: .after(.zero))
        if let error { connection?.connection.leave(error, within: max(.zero, deadline.remaining)) }
        await connection?.connection.close(deadline: deadline)
    }
}

public import CachesTransport
internal import Logging
internal import Synchronization

/// One server of a pool.
///
/// It keeps one connection, shared by all tasks: opened when first needed, and opened again when lost. A node
/// that can't be reached, hangs or says that it can't serve is put out (``health``): calls fail at once with
/// the reason, so that a dead server costs its callers no time. Meanwhile it is asked in the background, ever
/// more rarely, whether it is back.
public final class Node: Sendable {
    /// The node's configuration.
    public let configuration: NodeConfiguration

    struct Shared: Sendable {
        var machine = NodeStateMachine<NodeConnection>()
        var health: HealthStateMachine
        var rotation = Rotation<NodeConnection>()
        var session: SessionInfo?
        var counters = NodeCounters()
        var roundTrip: Duration?
        /// When to look up the host's name again.
        var nameLook = ContinuousClock.now
        /// The findings of a look so far, while the name is looked up.
        var foundSoFar: (look: Int, changes: ConnectionChanges)?
        /// The current wait.
        var timer = RestartableTimer()
        var readmission: (step: Int, task: Task<Void, Never>)?
        /// Whether some keys may be older here than values written elsewhere in the node's place: calls then
        /// take the slow path.
        var isInDoubt = false
    }

    /// The same as ``name``, for replies that are kept.
    package let label: NodeName

    /// The deployment that the node belongs to; nil for a stand-alone server.
    let deployment: (any NodeDeployment)?

    /// Whether its server has only the keys of some hash slots, as in a cluster.
    ///
    /// One command can then have only keys of one slot; and while the server is out, the cluster serves its
    /// slots again by itself: no other node stands in for it.
    package let hasSlots: Bool

    private let shared: Locked<Shared>
    /// The part of the node that calls use.
    @usableFromInline let current: CurrentConnection
    /// The turns of bulk calls.
    let bulk: BulkTurns
    /// The health, for callers that read it before each call: written under the lock.
    private let healthNow = Atomic(NodeHealth.healthy.rawValue)

    /// `isInDoubt` as in `Shared`, for callers that read it before each call.
    private let doubtNow = Atomic(false)

    /// Signals callers that wait for another health, after all observers of the change were called.
    let healthChanges = ChangeSignal()

    let healthConfiguration: HealthConfiguration
    let hooks: NodeHooks
    let logger: Logger
    let loop: EventLoop
    let resolver: Resolver
    /// The budget for TLS handshakes of its connections.
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
        // Calls refer to the connection, not to the node: calls under way end as usual, by their own
        // deadlines.
        connection?.connection.beginToClose(deadline: .after(.seconds(60)))
        replacement?.connection.abort()
        if let timer { loop.cancel(timer) }
    }

    /// The node's name: the fragment of its DSN, or `host:port/database`.
    public var name: String { configuration.name }

    /// The state of its connection.
    public var state: NodeState {
        look { shared in
            let state = shared.machine.summary
            if case .closed = state { return state }
            return shared.health.health.isOut ? .down(shared.health.outError) : state
        }
    }

    /// Whether the node is used, and if not, how far it is on its way back.
    // A raw value is only ever written from a case.
    public var health: NodeHealth { NodeHealth(rawValue: healthNow.load(ordering: .acquiring))! }

    /// Whether calls are kept from the node. Costs no more than reading a number.
    public var isOut: Bool { healthNow.load(ordering: .acquiring) >= NodeHealth.ejected.rawValue }

    /// Whether some keys may be older here than what was written elsewhere while the node was out: see
    /// ``Rejoin``.
    package var isInDoubt: Bool { doubtNow.load(ordering: .acquiring) }

    /// Records whether some keys may be older here.
    func setInDoubt(_ isInDoubt: Bool) {
        guard isInDoubt != self.isInDoubt else { return }
        change { shared in
            shared.isInDoubt = isInDoubt
            doubtNow.store(isInDoubt, ordering: .releasing)
        }
    }

    /// The counters since the node was made.
    public var counters: NodeCounters {
        var counters = look { $0.counters }
        counters.calls += current.calls
        return counters
    }

    /// The parameters agreed with the server when the present connection opened; nil without a connection.
    public var session: SessionInfo? { look { $0.session } }

    /// When a call that begins now has to end.
    ///
    /// - Parameter duration: The duration set by the call or its cache; nil for the node's or the pool's
    ///   default.
    public func deadline(_ duration: Duration? = nil) -> Deadline {
        current.deadline(duration)
    }

    /// Reads the state under the lock.
    func look<Result: Sendable>(_ body: (borrowing Shared) -> Result) -> Result {
        shared.withLock { body($0) }
    }

    /// Changes the state under the lock, and publishes the result to calls.
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
    /// - Parameter error: The error of calls without a reply by then. nil: that the pool was closed.
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

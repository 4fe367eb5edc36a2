public import CachesTransport
public import Logging

/// Many servers as one: a pool knows which node owns a key, and keeps a connection to each.
///
/// Most programs never make one. The caches use ``shared``, which reads `CACHES_DSN`, `CACHES_DSN_1`, … on
/// first use. To be explicit:
///
/// ```swift
/// let pool = try CachePool(["redis://10.0.0.1#a", "rediss://:secret@cache.example#b"])
/// try await UserCache("42", on: pool).get()
/// await pool.close()
/// ```
///
/// Making a pool opens no connection: each node connects when it is first needed.
public final class CachePool: Sendable {
    /// The pool of the environment's servers.
    ///
    /// Getting it always succeeds. If the environment names no server, or has an error, each call that uses
    /// the pool throws that error.
    public static let shared = CachePool { () throws(CachesError) in
        try PoolConfiguration.processEnvironment()
    }

    /// The pool that the current task and its children use in place of ``shared``; nil for ``shared``.
    ///
    /// ```swift
    /// try await CachePool.$current.withValue(pool) { try await UserCache("42").get() }
    /// ```
    @TaskLocal public static var current: CachePool?

    /// The pool's state.
    struct Shared: Sendable {
        /// The present state, or the error in the environment.
        var current: Result<Current, CachesError> {
            didSet { settled.replace(with: try? current.get().settled) }
        }

        /// The topology that calls use, unless a hand-over is under way: they read it without the lock.
        let settled: AtomicReference<PoolTopology>

        init(_ current: Result<Current, CachesError>) {
            self.current = current
            settled = AtomicReference(try? current.get().settled)
        }
    }

    struct Current: Sendable {
        var machine: PoolStateMachine<PoolTopology>

        /// The topology that calls use; during a hand-over, see the transition.
        var topology: PoolTopology
        var transition: PoolTransition?
        var timer: EventLoop.TimerToken?
        var brokenHandOvers = BrokenHandOvers()

        init(_ topology: PoolTopology) {
            machine = PoolStateMachine(topology)
            self.topology = topology
        }

        fileprivate var settled: PoolTopology? { transition == nil ? topology : nil }
    }

    let shared: Locked<Shared>

    /// As in `Shared`.
    private let settled: AtomicReference<PoolTopology>

    let context: PoolContext

    var logger: Logger { context.logger }

    /// A pool of some servers, each named by a DSN.
    /// - Throws: ``CachesError`` of code `configuration`.
    public convenience init(_ dsns: [String]) throws(CachesError) {
        try self.init(PoolConfiguration(dsns: dsns))
    }

    /// A pool as configured.
    ///
    /// - Parameter logger: Gets the changes: a node that goes down and is up again, once each; the owners in
    ///   a cluster; faults of a configuration or a server. Each message is logged at most 128 times at once,
    ///   and then once in 5 s.
    /// - Throws: ``CachesError`` of code `configuration`.
    public convenience init(
        _ configuration: PoolConfiguration, logger: Logger = Logger(label: "caches")
    ) throws(CachesError) {
        try self.init(configuration, logger: logger, observer: nil)
    }

    /// - Parameter observer: Told of each call; nil for none.
    package init(
        _ configuration: PoolConfiguration, logger: Logger, observer: (any CallObserver)?
    ) throws(CachesError) {
        var context = PoolContext(
            logger: logger, returnRules: configuration.returnRules,
            supportsGutter: configuration.outagePolicy != .fail)
        context.observer = observer
        self.context = context
        let topology = try PoolTopology(configuration, context)
        let shared = Shared(.success(Current(topology)))
        settled = shared.settled
        self.shared = Locked(shared)
        context.roster.set(topology.roster, spreads: topology.spreads)
    }

    private init(_ configuration: () throws(CachesError) -> PoolConfiguration) {
        let context = PoolContext(logger: Logger(label: "caches"))
        self.context = context
        let topology = Result { () throws(CachesError) in
            try PoolTopology(configuration(), context)
        }
        let shared = Shared(topology.map { Current($0) })
        settled = shared.settled
        self.shared = Locked(shared)
        context.roster.set(
            (try? topology.get())?.roster ?? [], spreads: (try? topology.get())?.spreads ?? [])
    }

    /// Every node, in the order of the configuration; during a hand-over first those that leave, then those
    /// that stay or come. The masters of a cluster, as far as they are known: see
    /// ``discover(connection:deadline:)``.
    /// - Throws: For ``shared``, the error in the environment.
    public var nodes: [Node] {
        get throws(CachesError) { try nodes(connection: .sharded) }
    }

    /// The nodes that a name stands for, in the same order; at least one.
    /// - Throws: ``CachesError`` of code `configuration` for an unknown name.
    public func nodes(connection: ConnectionName) throws(CachesError) -> [Node] {
        let (topology, transition) = try present()
        guard let transition else { return try topology.ring(connection).nodes }
        return try transition.nodes(connection: connection)
    }

    /// Asks the clusters among the nodes that a name stands for which servers they have, unless that is
    /// known.
    ///
    /// Calls on keys don't need this: they find their server. ``nodes`` and ``node(for:connection:)`` do not
    /// wait for an answer, and before the first one know only the servers that the DSN names.
    ///
    /// - Parameter deadline: How long it may take. nil: the pool's deadline.
    /// - Throws: ``CachesError`` if a cluster doesn't answer, or the server is no cluster;
    ///   `CancellationError`.
    public func discover(connection: ConnectionName = .sharded, deadline: Duration? = nil) async throws {
        if let error = try await discoverNodes(connection: connection, deadline: deadline).failures.first {
            throw error
        }
    }

    /// As ``discover(connection:deadline:)``, but a cluster that does not answer does not stop the others.
    /// - Returns: The nodes that a name stands for, without those of clusters that don't answer, and their
    ///   errors.
    package func discoverNodes(
        connection: ConnectionName, deadline: Duration?
    ) async throws -> (nodes: [Node], failures: [CachesError]) {
        let (topology, transition) = try present()
        var failures: [(cluster: Cluster, error: CachesError)] = []
        for topology in [topology] + (transition.map { [$0.to] } ?? []) {
            guard let ring = try? topology.ring(connection) else { continue }
            failures += try await ring.discover(deadline: .after(deadline ?? topology.deadline))
        }
        let nodes = try nodes(connection: connection).filter { node in
            !failures.contains { $0.cluster === node.cluster }
        }
        return (nodes, failures.map(\.error))
    }

    /// The node that owns a key among those that a name stands for.
    ///
    /// During a hand-over, commands sent to this node by hand bypass the hand-over; those of caches and
    /// batches don't.
    public func node(
        for key: String, connection: ConnectionName = .sharded
    ) throws(CachesError) -> Node {
        try route(of: key, connection: connection).node
    }

    /// The way to a key.
    package func route(
        of key: String, connection: ConnectionName = .sharded
    ) throws(CachesError) -> Route {
        try route(of: KeyBytes(key), connection: connection)
    }

    /// The way to a key.
    package func route(
        of key: KeyBytes, connection: ConnectionName
    ) throws(CachesError) -> Route {
        try routing(connection: connection).route(of: key)
    }

    /// The fast path: the connection of the node that owns a key, and the deadline of a call that begins now.
    ///
    /// nil if a hand-over is under way, the node is out or has no connection, or the name is unknown. The
    /// slow path, ``route(of:connection:)-(KeyBytes,_)``, then finds out which.
    package func connection(
        for key: KeyBytes, connection: ConnectionName, deadline: Duration?
    ) -> (connection: NodeConnection, deadline: Deadline)? {
        settled.read { $0.connection(for: key, connection: connection, deadline: deadline) }
    }

    /// The present routing: for many keys, which then need one look at the pool's state.
    package func routing(connection: ConnectionName = .sharded) throws(CachesError) -> Routing {
        let (topology, transition) = try present()
        guard let transition else { return .settled(try topology.ring(connection)) }
        return .moving(transition, connection)
    }

    /// The nodes that a name stands for, by falling claim to a key: the owner, then the nodes to which the
    /// key would go if the owner were out. During a hand-over, the order after it.
    public func failoverOrder(
        of key: String, connection: ConnectionName = .sharded
    ) throws(CachesError) -> [Node] {
        let (topology, transition) = try present()
        return try (transition?.to ?? topology).ring(connection).order(of: key)
    }

    /// Eight hexadecimal digits that two pools share if they place all keys alike: made of the placement, the
    /// nodes' identities and their weights.
    ///
    /// Each connection sends it to its server, after its name and a colon, so that `CLIENT LIST` shows which
    /// clients disagree: `caches:1f0c9a4e`. During a hand-over, it is the new one as soon as the new servers
    /// are used.
    public var fingerprint: String {
        get throws(CachesError) {
            let (topology, transition) = try present()
            guard let transition else { return topology.fingerprint }
            return (transition.stage == .announced ? transition.from : transition.to).fingerprint
        }
    }

    /// The policy for calls while a node is out, unless their class has one; nil if the pool has none either.
    package var outagePolicy: OutagePolicy? { (try? present())?.0.outagePolicy }

    /// The topology that is in use; nil if the environment has an error.
    var topology: PoolTopology? { (try? present())?.0 }

    /// The state that calls use at this moment.
    private func present() throws(CachesError) -> (PoolTopology, PoolTransition?) {
        if let topology = settled.read({ $0 }) { return (topology, nil) }
        return try shared.withLock { shared throws(CachesError) in
            let current = try shared.current.get()
            return (current.topology, current.transition)
        }
    }

    /// Runs the child tasks of `body`, and `body` itself from its first suspension on, on the connections'
    /// event loop, which halves the CPU time of a small command.
    ///
    /// **Code in `body` that blocks or computes for long stalls all connections.**
    public func withExecutor<Value: Sendable>(
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        try await withTaskExecutorPreference(EventLoops.forTasks, operation: body)
    }

    /// Accepts no more calls, waits for those under way, and closes all connections.
    ///
    /// It returns when every descriptor is closed, at the latest at `deadline` (default: in 1 s). A pool
    /// without references closes by itself, when its last call has ended.
    public func close(deadline: Deadline = .after(.seconds(1))) async {
        let members = closeForChanges()
        await withDiscardingTaskGroup { group in
            for member in members { group.addTask { await member.close(deadline: deadline) } }
        }
        context.outageLog.endWatches()
        context.hub.finish()
    }
}

public import CachesTransport
public import Logging

/// Many servers as one: it knows which node owns a key, and keeps a connection to each.
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
    /// It can always be had. If the environment names no server, or something in it is wrong, each call that
    /// uses the pool throws the error that says so.
    public static let shared = CachePool { () throws(CachesError) in
        try PoolConfiguration.processEnvironment()
    }

    /// The pool that the current task and its children use in place of ``shared``, nil for that.
    ///
    /// ```swift
    /// try await CachePool.$current.withValue(pool) { try await UserCache("42").get() }
    /// ```
    @TaskLocal public static var current: CachePool?

    private let topology: Result<PoolTopology, CachesError>

    /// What the nodes tell, for all who listen.
    let hub: NodeEventHub

    /// A pool of some servers, each named by a DSN.
    /// - Throws: ``CachesError`` of code `configuration`.
    public convenience init(_ dsns: [String]) throws(CachesError) {
        try self.init(PoolConfiguration(dsns: dsns))
    }

    /// A pool as configured.
    ///
    /// - Parameter logger: Told when a node goes down and when it is up again, once each.
    /// - Throws: ``CachesError`` of code `configuration`.
    public init(
        _ configuration: PoolConfiguration, logger: Logger = Logger(label: "caches")
    ) throws(CachesError) {
        let hub = NodeEventHub()
        topology = .success(try PoolTopology(configuration, logger, hub))
        self.hub = hub
    }

    private init(_ configuration: () throws(CachesError) -> PoolConfiguration) {
        let hub = NodeEventHub()
        topology = Result { () throws(CachesError) in
            try PoolTopology(configuration(), Logger(label: "caches"), hub)
        }
        self.hub = hub
    }

    /// Every node, in the order of the configuration.
    /// - Throws: For ``shared``, what is wrong with the environment.
    public var nodes: [Node] {
        get throws(CachesError) { try topology.get().all.nodes }
    }

    /// The nodes that a name stands for, in the order of the configuration; at least one.
    /// - Throws: ``CachesError`` of code `configuration` for an unknown name.
    public func nodes(on connection: ConnectionName) throws(CachesError) -> [Node] {
        try topology.get().route(connection).nodes
    }

    /// The node that owns a key among those that a name stands for.
    public func node(
        for key: String, on connection: ConnectionName = .sharded
    ) throws(CachesError) -> Node {
        try topology.get().route(connection).owner(of: key)
    }

    /// The nodes that a name stands for, by falling claim to a key: the owner, then where the key would go if
    /// that were out.
    public func failoverOrder(
        of key: String, on connection: ConnectionName = .sharded
    ) throws(CachesError) -> [Node] {
        try topology.get().route(connection).order(of: key)
    }

    /// Eight hexadecimal digits that two pools have in common if they place all keys alike: made of the
    /// placement, the nodes' identities and their weights.
    ///
    /// Each connection tells it to its server, after its name and a colon, so that `CLIENT LIST` shows who
    /// disagrees: `caches:1f0c9a4e`.
    public var fingerprint: String {
        get throws(CachesError) { try topology.get().fingerprint }
    }

    /// Runs the child tasks of `body`, and `body` itself from its first suspension on, on the connections' event
    /// loop, which halves the CPU time of a small command.
    ///
    /// **What blocks or computes for long in there stalls all connections.**
    public func withExecutor<Value: Sendable>(
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        try await withTaskExecutorPreference(EventLoop.shared, operation: body)
    }

    /// Takes no more calls, waits for those under way, and closes all connections.
    ///
    /// It returns when every descriptor is closed, at the latest at `deadline` (default: in 1 s). A pool that
    /// is no longer referred to closes by itself, at once.
    public func close(deadline: Deadline = .after(.seconds(1))) async {
        guard let nodes = try? nodes else { return }
        await withDiscardingTaskGroup { group in
            for node in nodes { group.addTask { await node.close(deadline: deadline) } }
        }
        hub.finish()
    }
}

public import CachesTransport
internal import Logging

/// One server of a pool.
///
/// It keeps one connection, shared by all tasks: opened when first needed, opened again when lost, and tried
/// again in the background, ever more seldom, while the server can't be reached. Until then calls fail at once
/// and say why: a dead server costs its callers no time.
public final class Node: Sendable {
    /// What the node was made with.
    public let configuration: NodeConfiguration

    private struct Shared: Sendable {
        var machine = NodeStateMachine<Connection>()
        var session: SessionInfo?
        var retry: EventLoop.TimerToken?
    }

    private let shared = Guarded(Shared())
    private let defaultDeadline: Duration
    private let backoff = Backoff()
    private let logger: Logger
    private let loop: EventLoop

    /// The fingerprint of the pool, which connections tell the server.
    private let fingerprint: Guarded<String>

    init(
        _ configuration: NodeConfiguration, fingerprint: String, defaultDeadline: Duration, logger: Logger,
        on loop: EventLoop
    ) {
        self.configuration = configuration
        self.fingerprint = Guarded(fingerprint)
        self.defaultDeadline = configuration.deadline ?? defaultDeadline
        self.logger = logger
        self.loop = loop
    }

    deinit { shared.withLock { $0.machine.close() }?.abort() }

    /// What the node is called: the fragment of its DSN, or `host:port/database`.
    public var name: String { configuration.name }

    /// What its connection is doing.
    public var state: NodeState { shared.withLock { $0.machine.summary } }

    /// What was agreed on with the server when the present connection opened; nil while there is none.
    public var session: SessionInfo? { shared.withLock { $0.session } }

    /// When a call that begins now has to end.
    ///
    /// - Parameter duration: What the call or its cache asks for; nil for the node's or the pool's default.
    public func deadline(_ duration: Duration? = nil) -> Deadline { .after(duration ?? defaultDeadline) }

    // MARK: Calls

    /// Sends one command and waits for its reply.
    ///
    /// - Parameters:
    ///   - idempotent: Whether carrying it out twice does no harm. Such a command is sent again, once, if the
    ///     connection was lost before its reply came; any other only if it surely had not been sent.
    ///   - deadline: When to give up, a second attempt included.
    ///   - write: Writes the command. It does nothing else, and may be called twice.
    /// - Throws: ``CachesError``, also for an error that the server answers; `CancellationError`.
    public func send(
        idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let connection = try connection()
        do {
            return try await connection.send(deadline: deadline, write)
        } catch let error as CachesError where Self.mayRetry(error, idempotent) {
            return try await self.connection(after: connection, error).send(deadline: deadline, write)
        }
    }

    /// Sends several commands at once and waits for all their replies.
    ///
    /// - Parameters:
    ///   - count: How many commands `write` writes, at least 1.
    ///   - idempotent: As for ``send(idempotent:deadline:_:)``, for all of them.
    /// - Returns: One reply a command, in order; an error that the server answers is its command's reply.
    public func pipeline(
        _ count: Int, idempotent: Bool = false, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        try await exchange(count, idempotent: idempotent, deadline: deadline, write).replies
    }

    /// The same as ``pipeline(_:idempotent:deadline:_:)``, and the connection over which the replies came.
    func exchange(
        _ count: Int, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> (replies: [Reply], connection: Connection) {
        let connection = try connection()
        do {
            return (try await connection.pipeline(count, deadline: deadline, write), connection)
        } catch let error as CachesError where Self.mayRetry(error, idempotent) {
            let other = try self.connection(after: connection, error)
            return (try await other.pipeline(count, deadline: deadline, write), other)
        }
    }

    private static func mayRetry(_ error: CachesError, _ idempotent: Bool) -> Bool {
        error.wasNotSent || idempotent && error.code == .connectionLost
    }

    /// Sends one command of plain words and waits for its reply: `try await node.send("INFO", "server")`.
    ///
    /// It is not sent again if the connection is lost. `deadline` nil means the node's default.
    public func send(_ words: String..., deadline: Deadline? = nil) async throws -> Reply {
        try await send(idempotent: false, deadline: deadline ?? self.deadline()) { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }

    /// Takes no more calls, waits for those under way until `deadline`, and closes the connection.
    func close(deadline: Deadline) async {
        let (connection, retry) = shared.withLock { shared in
            shared.session = nil
            return (shared.machine.close(), shared.retry)
        }
        if let retry { loop.cancel(retry) }
        await connection?.close(deadline: deadline)
    }
}

// MARK: - Reconfiguration

extension Node {
    /// Whether the two are one database of one server, as far as their addresses tell.
    func isSameServer(as other: Node) -> Bool {
        if self === other { return true }
        let (one, two) = (configuration.connection, other.configuration.connection)
        return one.endpoint == two.endpoint && one.database == two.database
    }

    /// Whether a node of this configuration, in a pool of this deadline, would be no different.
    func isMade(as configuration: NodeConfiguration, defaultDeadline: Duration) -> Bool {
        var own = self.configuration
        own.source = configuration.source
        return own == configuration && self.defaultDeadline == configuration.deadline ?? defaultDeadline
    }

    /// Tells the server that the pool has another fingerprint, now and with each connection from now on.
    func announce(_ fingerprint: String) {
        self.fingerprint.withLock { $0 = fingerprint }
        guard let connection = shared.withLock({ $0.machine.current?.connection }) else { return }
        let (name, deadline) = (clientName, deadline())
        // If that fails, the connection is lost or about to be, and the next one tells it.
        Task {
            try? await connection.send(deadline: deadline) { command in
                command.begin(3)
                for word in ["CLIENT", "SETNAME", name] { command.argument(word) }
            }
        }
    }

    private var clientName: String {
        "\(configuration.connection.clientName):\(fingerprint.withLock { $0 })"
    }
}

// MARK: - The connection

extension Node {
    private func connection() throws(CachesError) -> Connection {
        switch shared.withLock({ $0.machine.wanted(open: open) }) {
        case .use(let connection): return connection
        case .fail(let error): throw error.at(name)
        }
    }

    /// A connection other than one that was found to be lost, of which the node may not have been told yet.
    private func connection(after lost: Connection, _ error: CachesError) throws(CachesError) -> Connection {
        let number: Int? = shared.withLock { shared in
            guard let current = shared.machine.current, current.connection === lost else { return nil }
            return current.number
        }
        if let number { connectionLost(number, error) }
        return try connection()
    }

    /// Begins to open a connection. Called under the lock; what it is told of later comes on the loop.
    private func open(_ number: Int) -> Connection {
        var configuration = configuration.connection
        configuration.clientName = clientName
        return Connection(configuration, on: loop) { [weak self] event in
            switch event {
            case .opened(let session): self?.connectionOpened(number, session)
            case .closed(let error): self?.connectionLost(number, error)
            }
        }
    }

    private func connectionOpened(_ number: Int, _ session: SessionInfo) {
        let action = shared.withLock { shared in
            if shared.machine.current?.number == number { shared.session = session }
            return shared.machine.opened(number, now: .now)
        }
        perform(action, nil)
    }

    private func connectionLost(_ number: Int, _ error: CachesError) {
        let action = shared.withLock { shared in
            if shared.machine.current?.number == number { shared.session = nil }
            return shared.machine.lost(number, error, now: .now, open: open)
        }
        perform(action, error)
    }

    private func perform(_ action: NodeStateMachine<Connection>.Action, _ error: CachesError?) {
        switch action {
        case .nothing: break
        case .retry(let failures): retry(failures)
        case .reportDown(let failures):
            logger.warning("node down, trying again", metadata: metadata(error))
            retry(failures)
        case .reportUp:
            logger.notice("node up again", metadata: metadata(nil))
        }
    }

    private func retry(_ failures: Int) {
        let delay = backoff.delay(after: failures, jitter: .random(in: 0...1))
        let timer = loop.schedule(after: delay) { [weak self] in
            guard let self else { return }
            shared.withLock { $0.machine.retryDue(open: open) }
        }
        shared.withLock { $0.retry = timer }
    }

    private func metadata(_ error: CachesError?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "node": "\(name)", "address": "\(configuration.connection.endpoint)",
        ]
        if let error { metadata["error"] = "\(error)" }
        return metadata
    }
}

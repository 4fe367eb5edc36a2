internal import Synchronization

/// One connection to one server, shared by any number of tasks.
///
/// # How a command travels
///
///     task                    Shared (lock)                 duty holder            loop thread
///     ────                    ─────────────                 ───────────            ───────────
///     send ── encodes ──────► writer: bytes
///          ── joins ────────► machine: queue   ─── swap ──► plain ─► TLS ─► socket
///          (suspended)                                                        ┊ server
///                             machine: queue ◄──────── who is served? ─────── reader ◄─ socket
///          ◄───────────────────────────────────────────────────────────────── resume
///
/// **Automatic pipelining.** A sender encodes its command straight into `writer` and joins the queue, both
/// under one lock, so that bytes and queue agree in order. If nobody is sending, the sender has to: on the
/// loop's thread it leaves that to the end of the loop's turn; with at most two calls in flight, and no more
/// that ended together just now, it sends by itself, at no delay; else it wakes the ``Flusher``, which runs
/// after the tasks that are ready and so sends their commands too. Nobody waits for a timer, and a lone
/// caller pays nothing for batching. Should tasks that compute for long keep the flusher from running, the
/// loop's tick sends in its place.
///
/// **Locks.** `shared` guards the state machine and the writer. It is held to encode, to queue and to take
/// out of the queue; not while sending (but for the one attempt in `flush` that closes a race), receiving,
/// parsing, encrypting or resuming. TLS has a lock of its own. Neither is taken inside the other.
///
/// **Who owns what.** `outbound` belongs to the holder of the duty, `inbound` to the loop's thread. The duty
/// passes from one to the next under `shared`, which orders their accesses.
///
/// **The end.** Whatever goes wrong ends in ``fail(_:)``: once, from any thread. It takes all waiters out and
/// resumes them with the error, and has the loop let go of the descriptor. A connection is not used again:
/// its node makes a new one.
///
/// **Deadlines and cancellation** cost a command no timer, no task and no handler: its queue entry holds its
/// deadline and its task, and the loop's tick looks at entries older than a tick.
// Safe: `outbound` and `inbound` are owned as said above.
@safe public final class Connection: Sendable {
    /// The configuration the connection was made with.
    public let configuration: ConnectionConfiguration

    let loop: EventLoop
    let resolver: Resolver
    let handshakes: HandshakeBudget
    let flusher = Flusher()
    let shared: Locked<Shared>
    /// Whether the duty may be `blocked`: saves the loop the lock, since every readable event of epoll says
    /// that the socket is writable, too. Set under the lock before the duty may block, cleared by the loop.
    let isBlocked = Atomic(false)
    let observer: @Sendable (ConnectionEvent) -> Void

    /// Finds the destination; nil if it is known.
    let locator: Locator?

    /// The destination, once it is known.
    let located = Locked<ConnectionConfiguration?>(nil)

    /// Gets the messages of subscribed channels, on the loop's thread.
    let messages: (@Sendable (ReplyArray) -> Void)?

    // Touched by the holder of the duty alone; freed in deinit, when nobody holds it.
    nonisolated(unsafe) let outbound: UnsafeMutablePointer<Outbound>

    // Touched on the loop's thread alone; freed in deinit, after the loop has let go of the connection.
    nonisolated(unsafe) let inbound: UnsafeMutablePointer<Inbound>

    /// The state under the lock.
    struct Shared: ~Copyable, Sendable {
        var machine: ConnectionStateMachine<Waiter>
        var writer = CommandWriter()
        /// Those who wait for the descriptor to be closed.
        var closing: [CheckedContinuation<Void, Never>] = []
        /// Why it was closed, for calls that come later.
        var failure: CachesError?
        /// It ended before all commands were answered.
        var isUnanswered = false
        /// The descriptor is closed, or there never was one.
        var isOver = false
        /// TLS has something of its own to send.
        var mustSendTLS = false
        /// When a drain ends at the latest.
        var drainDeadline = Deadline.never
        /// The error for the calls that wait then; nil: that its owner closed it.
        var drainFailure: CachesError?
    }

    /// The state of the duty's holder.
    struct Outbound: ~Copyable {
        var socket: Socket?
        var tls: TLSSession?
        /// Taken from the writer: sent as it stands, or sealed first.
        var plain = OutgoingBuffer()
        /// TLS records.
        var wire = OutgoingBuffer()
        /// How much of both was sent when it was last asked.
        var notedAsSent = 0
    }

    /// The state of the loop's thread.
    struct Inbound: ~Copyable {
        var reader: ReplyReader
        var socket: Socket?
        var tls: TLSSession?
        var registration: EventLoop.Registration?
        /// nil once it is open.
        var opening: Opening?
        /// Replies that have come but whose call is not complete, such as a pipeline's first ones.
        var replies: [Reply] = []
        /// Calls to be resumed, kept for its memory.
        var completed: [(waiter: Waiter?, replies: Int)] = []
        /// More is to be received when it is this connection's turn.
        var isPutOff = false
        /// Nothing will come after that.
        var endIsAnnounced = false
        /// How much is received in a turn, in bytes.
        var appetite = 64 << 10
        var kept = KeptReplies()
    }

    /// The replies so far to an incomplete call of several commands.
    struct KeptReplies {
        private var call = -1
        private var bytes = 0

        /// So many bytes more, some of which may belong to a call before.
        /// - Returns: How many there are.
        mutating func add(_ count: Int, of call: Int) -> Int {
            bytes = call == self.call ? bytes + count : count
            self.call = call
            return bytes
        }
    }

    /// Begins to open a connection, and returns at once: commands may be sent, and go out when it is open.
    ///
    /// It lives until it is closed, by ``close(deadline:)`` or ``abort()`` or because it was lost, whether or
    /// not anyone refers to it.
    ///
    /// - Parameters:
    ///   - loop: The loop on which it lives.
    ///   - observer: Called when it opens and closes, on the loop's thread. It must not block.
    public convenience init(
        _ configuration: ConnectionConfiguration, on loop: EventLoop = EventLoops.forNode(),
        observer: @escaping @Sendable (ConnectionEvent) -> Void = { _ in }
    ) {
        self.init(configuration, on: loop, resolver: .system, observer: observer)
    }

    /// The same, with a name service of its own.
    ///
    /// - Parameters:
    ///   - handshakes: The budget for its TLS handshake. Default: that of connections outside any pool.
    ///   - locator: Finds the destination, within the time for opening. nil: as configured.
    ///   - messages: Gets the messages of subscribed channels, on the loop's thread. nil: no subscriptions.
    package init(
        _ configuration: ConnectionConfiguration, on loop: EventLoop, resolver: Resolver,
        handshakes: HandshakeBudget = .unpooled, locator: Locator? = nil,
        messages: (@Sendable (ReplyArray) -> Void)? = nil,
        observer: @escaping @Sendable (ConnectionEvent) -> Void
    ) {
        self.configuration = configuration
        self.loop = loop
        self.resolver = resolver
        self.handshakes = handshakes
        self.locator = locator
        self.messages = messages
        self.observer = observer
        shared = Locked(
            Shared(
                machine: ConnectionStateMachine(
                    maximumBytes: configuration.maximumBytesInFlight,
                    maximumCommands: configuration.maximumCommandsInFlight)))
        unsafe outbound = .allocate(capacity: 1)
        unsafe outbound.initialize(to: Outbound())
        unsafe inbound = .allocate(capacity: 1)
        unsafe inbound.initialize(
            to: Inbound(
                reader: ReplyReader(maximumReplyBytes: configuration.maximumReplyBytes),
                opening: Opening(deadline: .after(configuration.connectTimeout))))
        flusher.run { [self] in flushHandedOver() }
        loop.execute { [self] in open() }
    }

    deinit {
        unsafe outbound.deinitialize(count: 1)
        unsafe outbound.deallocate()
        unsafe inbound.deinitialize(count: 1)
        unsafe inbound.deallocate()
    }

    /// Sends one command and waits for its reply.
    ///
    /// - Parameters:
    ///   - deadline: When to give up. The reply, if it comes later, is dropped.
    ///   - write: Writes the command. It is called at most once, under the connection's lock: it should do
    ///     nothing else.
    /// - Returns: The reply, which is not an error.
    /// - Throws: ``CachesError``, or `CancellationError` within 10 ms after the task was cancelled.
    // Inlined, as each asynchronous function that a call passes through costs its frame, there and back.
    @inlinable @inline(__always)
    public func send(
        deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let reply = try await exchange(deadline: deadline, write)
        if case .error(let error) = reply { throw error.error(node: configuration.name) }
        return reply
    }

    /// As ``send(deadline:_:)``, but an error that the server answers is the reply.
    @inlinable @inline(__always)
    public func exchange(
        deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        try await ReplyContinuation<Reply>.wait { submit($0, deadline, write) }
    }

    /// Sends several commands at once and waits for all their replies.
    ///
    /// - Parameters:
    ///   - count: How many commands `write` writes, at least 1.
    /// - Returns: One reply a command, in order; a command's error is its reply.
    /// - Throws: As ``send(deadline:_:)`` but for errors that the server answered.
    public func pipeline(
        _ count: Int, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        precondition(count > 0, "a pipeline has at least one command")
        return try await ReplyContinuation<[Reply]>.wait { continuation in
            submit(.many(continuation), replies: count, deadline, write)
        }
    }

    /// Takes no more commands, waits for those under way until `deadline`, and closes.
    ///
    /// When it returns, the descriptor is closed. It does not fail; closing twice is the same as once.
    public func close(deadline: Deadline = .after(.seconds(1))) async {
        beginToClose(deadline: deadline)
        await waitUntilClosed()
    }

    /// As ``close(deadline:)``, and returns at once.
    package func beginToClose(deadline: Deadline) {
        let isDrained = shared.withLock { shared in
            shared.drainDeadline = deadline
            return shared.machine.drain()
        }
        if isDrained || deadline.hasPassed { abort() }
        loop.noteWaiting()
    }

    /// Closes at once. Calls under way end with an error of code `closed`.
    public func abort() {
        fail(closedByOwner)
    }

    var closedByOwner: CachesError {
        CachesError(
            .closed, "The connection was closed by its owner.",
            advice: "Make calls before you close the pool.", node: configuration.name
        ).of(.closedByOwner)
    }

    /// Whether a call was answered since it opened. Signs of life don't count.
    package var wasOfUse: Bool { shared.withLock { $0.machine.wasOfUse } }

    private func waitUntilClosed() async {
        await withCheckedContinuation { continuation in
            let isOver = shared.withLock { shared in
                if shared.isOver { return true }
                shared.closing.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}

/// A limit on how much may be used within a window of time, by all processes together.
///
/// ```swift
/// final class LoginLimit: RateLimitCache, @unchecked Sendable {
///     override class var limit: Int { 5 }
///     override class var window: TTL { .minutes(1) }
/// }
///
/// let decision = try await LoginLimit(userID).consume()
/// guard decision.isAllowed else { throw TooManyRequests(retryAfter: decision.retryAfter) }
/// ```
///
/// It can be used without a class of its own: `RateLimitCache("login", userID, limit: 5, per: .minutes(1))`.
///
/// A decision is one atomic command on the node that owns the key, by that node's clock: all callers
/// together are never allowed more than the limit within the window, as ``Algorithm`` defines it. If that
/// clock is set back, consumption counts for longer by as much. A node that loses its data forgets what was
/// consumed.
///
/// While the node is out, decisions throw, also under ``OutagePolicy/miss``: the caller decides in `catch`
/// whether a request is let through then.
///
/// ``CacheEntry/clear()`` gives all back at once. See ``CacheEntry`` for other settings, keys and why a
/// subclass says `@unchecked Sendable`.
open class RateLimitCache: CacheEntry, @unchecked Sendable {
    private final let ownLimit: Int?
    private final let ownAlgorithm: Algorithm?

    /// Makes a rate limit of a key that is already whole: no prefix is put before it, nothing is escaped.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - limit: How much may be consumed within a window, 1 or more. nil: as the class says.
    ///   - window: How long a window is. nil: as the class says.
    ///   - algorithm: The kind of window. nil: as the class says.
    ///   - connection: Which nodes hold the key. nil: as the class says.
    ///   - deadline: How long each call may take. nil: as the class says.
    ///   - outagePolicy: The policy of calls while the node is out. nil: the class's.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    public init(
        key: CacheKey, limit: Int? = nil, per window: TTL? = nil, algorithm: Algorithm? = nil,
        connection: ConnectionName? = nil, deadline: Duration? = nil, outagePolicy: OutagePolicy? = nil,
        on pool: CachePool? = nil
    ) {
        ownLimit = limit
        ownAlgorithm = algorithm
        super.init(
            key: key, ttl: window, connection: connection, deadline: deadline, outagePolicy: outagePolicy,
            on: pool)
    }

    /// Makes a rate limit of the parts of its key. Without parts, the prefix alone is the key.
    ///
    /// - Parameters:
    ///   - part: The parts of the key, in order.
    ///   - limit: How much may be consumed within a window, 1 or more. nil: as the class says.
    ///   - window: How long a window is. nil: as the class says.
    ///   - algorithm: The kind of window. nil: as the class says.
    ///   - prefix: The start of the key. nil: as the class says.
    ///   - style: How prefix and parts are joined. nil: as the class says.
    ///   - connection: Which nodes hold the key. nil: as the class says.
    ///   - deadline: How long each call may take. nil: as the class says.
    ///   - outagePolicy: The policy of calls while the node is out. nil: the class's.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    @inlinable
    public convenience init<each Part: KeyPart>(
        _ part: repeat each Part, limit: Int? = nil, per window: TTL? = nil, algorithm: Algorithm? = nil,
        prefix: String? = nil, style: KeyStyle? = nil, connection: ConnectionName? = nil,
        deadline: Duration? = nil, outagePolicy: OutagePolicy? = nil, on pool: CachePool? = nil
    ) {
        self.init(
            key: Self.key(prefix: prefix, style: style, repeat each part), limit: limit, per: window,
            algorithm: algorithm, connection: connection, deadline: deadline, outagePolicy: outagePolicy,
            on: pool)
    }

    // MARK: Settings

    /// How much may be consumed within a window: 1…2⁵³. Default: 0, which means unset; decisions throw
    /// until the class or the object has a limit.
    open class var limit: Int { 0 }

    /// How long a window is, without jitter. Default: ``TTL/forever``, which means unset; decisions throw
    /// until the class or the object has a window.
    open class var window: TTL { .forever }

    /// The kind of window. Default: ``Algorithm/slidingWindow``.
    open class var algorithm: Algorithm { .slidingWindow }

    /// The window: consumption is kept no longer than it counts.
    override public final class var ttl: TTL { window }

    /// How much may be consumed within a window: the object's own limit, else the class's.
    public final var limit: Int { ownLimit ?? Self.limit }

    /// How long a window is: the object's own, else the class's.
    public final var window: TTL { ttl }

    /// The kind of window: the object's own, else the class's.
    public final var algorithm: Algorithm { ownAlgorithm ?? Self.algorithm }

    // MARK: Decisions

    /// Consumes some of the limit, all or nothing: a refused request consumes nothing.
    ///
    /// It is never sent twice: if the connection is lost before the reply comes, whether it was consumed is
    /// not known.
    ///
    /// - Parameter cost: How much, from 0 to the limit. Default 1.
    /// - Returns: Whether it is allowed, how much remains, and when there is more.
    /// - Throws: ``CachesError``, of code ``CachesError/Code/invalidArgument`` if the cost, the limit or the
    ///   window is invalid, and `.server("WRONGTYPE")` if there is something else at the key;
    ///   `CancellationError` if the task is cancelled.
    public final func consume(_ cost: Int = 1) async throws -> Decision { try await run(consuming(cost)) }

    /// Returns the decision that ``consume(_:)`` would make now, without consuming anything.
    ///
    /// - Parameter cost: How much to check for, from 0 to the limit. Default 1.
    /// - Throws: As ``consume(_:)``.
    public final func peek(_ cost: Int = 1) async throws -> Decision { try await run(peeking(cost)) }

    // Jitter would shorten windows, and let more through than the limit says.
    override final func milliseconds(_ ttl: TTL?) throws(CachesError) -> Int64 {
        let window = Self.normalize(ttl: ttl ?? self.ttl)
        guard window.jitter == 0, let milliseconds = try window.milliseconds() else {
            throw CachesError(
                .invalidArgument, "A rate limit's window is a time without jitter.",
                advice: "Give one to the class, `window`, or to the object, `per: .minutes(1)`.")
        }
        return milliseconds
    }
}

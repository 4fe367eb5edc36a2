/// One key on the servers and its settings: the base of every kind of cache.
///
/// Use one of its subclasses, ``Cache`` for a single value. The settings and keys described here are those of
/// all of them.
///
/// **Settings** belong to a class, which overrides the class variables below, or to one object, whose
/// initialiser takes them.
///
/// **Keys** are made of the prefix and the parts given to the initialiser, joined as ``keyStyle`` says.
/// Making an object does no I/O and never fails. Calls throw the errors in a key or a setting.
///
/// **The pool** is the one given as `on:`; else the task's ``CachePool/current``; else ``CachePool/shared``.
///
/// **Sendable.** A subclass has to repeat `@unchecked Sendable`: Swift can't check it for a class that isn't
/// final, nor for one that inherits. It holds for every subclass that adds no stored property, or only `let`s
/// of Sendable types. Where a module's default isolation is the main actor, a subclass and the types that it
/// keeps are `nonisolated`.
open class CacheEntry: CustomStringConvertible, @unchecked Sendable {
    // Sendable: every stored property is a `let` of a Sendable type, and `final`, so that no subclass
    // replaces it.

    /// The key on the servers.
    public final let key: CacheKey

    private final let ttlOverride: TTL?
    private final let connectionOverride: ConnectionName?
    private final let coderOverride: (any CacheCoder)?
    /// Asked before `coderOverride`, which to look at is to copy, at 140 instructions.
    private final let hasCoderOverride: Bool
    private final let deadlineOverride: Duration?
    private final let outagePolicyOverride: OutagePolicy?

    /// The pool that was given to the initialiser; nil without one.
    final let poolOverride: CachePool?

    /// Makes a cache of a key that is already whole: no prefix is put before it, nothing is escaped.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - ttl: How long values are kept. nil: as the class says.
    ///   - connection: Which nodes hold the key. nil: as the class says.
    ///   - coder: How values become bytes. nil: as the class says.
    ///   - deadline: How long each call may take. nil: as the class says.
    ///   - outagePolicy: The policy of calls while the node is out. nil: the class's.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    public init(
        key: CacheKey, ttl: TTL? = nil, connection: ConnectionName? = nil, coder: (any CacheCoder)? = nil,
        deadline: Duration? = nil, outagePolicy: OutagePolicy? = nil, on pool: CachePool? = nil
    ) {
        self.key = key
        ttlOverride = ttl
        connectionOverride = connection
        hasCoderOverride = coder != nil
        coderOverride = consume coder
        deadlineOverride = deadline
        outagePolicyOverride = outagePolicy
        poolOverride = pool
    }

    /// Makes a cache of the parts of its key. Without parts, the prefix alone is the key.
    ///
    /// - Parameters:
    ///   - part: The parts of the key, in order.
    ///   - prefix: The start of the key. nil: as the class says.
    ///   - style: How prefix and parts are joined. nil: as the class says.
    ///   - ttl: How long values are kept. nil: as the class says.
    ///   - connection: Which nodes hold the key. nil: as the class says.
    ///   - coder: How values become bytes. nil: as the class says.
    ///   - deadline: How long each call may take. nil: as the class says.
    ///   - outagePolicy: The policy of calls while the node is out. nil: the class's.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    // Inlinable, because a pack that is not specialised where it is used costs a thousand instructions more.
    @inlinable
    public convenience init<each Part: KeyPart>(
        _ part: repeat each Part, prefix: String? = nil, style: KeyStyle? = nil, ttl: TTL? = nil,
        connection: ConnectionName? = nil, coder: (any CacheCoder)? = nil, deadline: Duration? = nil,
        outagePolicy: OutagePolicy? = nil, on pool: CachePool? = nil
    ) {
        self.init(
            key: Self.key(prefix: prefix, style: style, repeat each part), ttl: ttl, connection: connection,
            coder: consume coder, deadline: deadline, outagePolicy: outagePolicy, on: pool)
    }

    /// The key that the class makes of parts.
    ///
    /// - Parameters:
    ///   - prefix: The start of the key. nil: as the class says.
    ///   - style: How prefix and parts are joined. nil: as the class says.
    ///   - part: The parts of the key, in order.
    @inlinable
    public static func key<each Part: KeyPart>(
        prefix: String? = nil, style: KeyStyle? = nil, _ part: repeat each Part
    ) -> CacheKey {
        var joiner = KeyJoiner(prefix: normalize(prefix: prefix ?? Self.prefix), style: style ?? keyStyle)
        for part in repeat each part { joiner.append(normalize(part: part.keyPart)) }
        return CacheKey(joiner)
    }

    /// The prefix of the class's keys, joined already.
    @inlinable
    static var keyStart: KeyJoiner { KeyJoiner(prefix: normalize(prefix: prefix), style: keyStyle) }

    // MARK: Settings of the class

    /// The prefix of the class's keys. Default: the class's own name, without its module and without
    /// generic arguments. An empty prefix counts as no prefix: the parts alone are the key.
    ///
    /// Classes that share a prefix share keys; so give one to classes of the same name, and to each use of
    /// `Cache<…>` itself, which is called `Cache` whatever it holds.
    open class var prefix: String { ClassNames.name(of: self) }

    /// How the parts of a key are joined. Default: ``KeyStyle/escaped``.
    open class var keyStyle: KeyStyle { .escaped }

    /// How long values are kept. Default: ``TTL/forever``.
    open class var ttl: TTL { .forever }

    /// The nodes that hold the keys of the class. Default: ``ConnectionName/sharded``, over all nodes.
    open class var connection: ConnectionName { .sharded }

    /// How values become bytes. Default: ``StandardCoder``.
    open class var coder: any CacheCoder { StandardCoder() }

    /// How long a call may take. Default: nil, as the node or its pool says.
    ///
    /// Less than a millisecond counts as one, and a call may end some milliseconds earlier or later: see
    /// ``Deadline``.
    open class var deadline: Duration? { nil }

    /// The policy of calls while the node of their key is out. nil, the default: the pool's policy, and
    /// without one ``OutagePolicy/gutter`` for a ``Cache`` and ``OutagePolicy/fail`` for all others.
    open class var outagePolicy: OutagePolicy? { nil }

    /// The policy of this kind of cache, if neither object, class nor pool has one.
    class var usualOutagePolicy: OutagePolicy { .fail }

    /// The policy of the class's calls on a pool.
    @usableFromInline
    final class func outagePolicy(on pool: CachePool) -> OutagePolicy {
        outagePolicy ?? pool.outagePolicy ?? usualOutagePolicy
    }

    /// Whether a node that has nothing can stand in for the one that is out.
    class var supportsGutter: Bool { false }

    /// Which server single reads go to, where the owner of a key has replicas. Default:
    /// ``ReadPreference/owner``.
    open class var reads: ReadPreference { .owner }

    // MARK: Hooks of the class

    /// Has the last word on the prefix, also on one that was given to an object. Default: as it is.
    @inlinable
    open class func normalize(prefix: String) -> String { prefix }

    /// Has the last word on each part of a key, before it is escaped: lower case for parts that are compared
    /// without case, a digest for long ones. Default: the part itself.
    @inlinable
    open class func normalize(part: String) -> String { part }

    /// Has the last word on the ttl of every write, also on one that was given to a call. Default: as it is.
    open class func normalize(ttl: TTL) -> TTL { ttl }

    // MARK: Settings of this object

    /// How long values are kept: the object's own ttl, else the class's.
    public final var ttl: TTL { ttlOverride ?? Self.ttl }

    /// The nodes that hold the key: the object's own setting, else the class's.
    public final var connection: ConnectionName { connectionOverride ?? Self.connection }

    /// How values become bytes: the object's own coder, else the class's.
    public final var coder: any CacheCoder {
        if hasCoderOverride, let coderOverride { coderOverride } else { Self.coder }
    }

    /// How long a call may take: the object's own deadline, else the class's; nil: as the node or pool says.
    public final var deadline: Duration? { deadlineOverride ?? Self.deadline }

    /// The policy of calls while the node is out: the object's own, else the class's, else the pool's,
    /// else that of its kind.
    public final var outagePolicy: OutagePolicy { outagePolicyOverride ?? Self.outagePolicy(on: pool) }

    final var supportsGutter: Bool { Self.supportsGutter }

    /// The pool that a call made now would use.
    public final var pool: CachePool { poolOverride ?? CachePool.current ?? CachePool.shared }

    /// The class and the key, never a value: `UserCache user.42`.
    open var description: String { "\(type(of: self)) \(key)" }

    // MARK: Operations of every kind of cache

    /// Removes the key with everything in it.
    ///
    /// Large values are freed in the background (`UNLINK`), so that they hold up nobody. If the connection is
    /// lost before the reply comes, the command is sent again, and false may then mean that the first one was
    /// carried out.
    ///
    /// - Returns: Whether there was something to remove.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    @discardableResult
    public final func clear() async throws -> Bool {
        try await run(clearing())
    }

    /// Whether there is something at the key.
    ///
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func exists() async throws -> Bool { try await run(existing()) }

    /// How long the key will still be there: a time, ``TimeLeft/forever`` or ``TimeLeft/missing``.
    ///
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func timeLeft() async throws -> TimeLeft { try await run(measuringTime()) }

    /// Restarts or changes the ttl without touching the value.
    ///
    /// - Parameter ttl: How long the key is kept from now on; ``TTL/forever`` ends an earlier ttl. nil: as
    ///   ``CacheEntry/ttl`` says.
    /// - Returns: Whether there is something at the key.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    @discardableResult
    public final func touch(ttl: TTL? = nil) async throws -> Bool { try await run(touching(ttl: ttl)) }

    /// The milliseconds for a write's ttl; nil: for ever.
    // Every write asks for it, and so the key is looked at here: see ``CacheKey/checkIsNotReserved()``.
    func milliseconds(_ ttl: TTL?) throws(CachesError) -> Int64? {
        try key.checkIsNotReserved()
        return try Self.milliseconds(ttl ?? self.ttl)
    }

    /// The milliseconds for a write's ttl, by default that of the class; nil: for ever.
    @usableFromInline
    static func milliseconds(_ ttl: TTL?) throws(CachesError) -> Int64? {
        try normalize(ttl: ttl ?? self.ttl).milliseconds()
    }
}

extension CacheEntry {
    /// ``CacheEntry/clear()`` as an operation.
    public final func clearing() -> CacheOperation<Bool> {
        operation {
            try key.checkIsNotReserved()
            return CacheCommand("UNLINK", idempotent: true, whenOut: .drop(false)) { reply, node in
                try reply.requireInteger(from: node) > 0
            }
        }
    }

    /// ``CacheEntry/exists()`` as an operation.
    public final func existing() -> CacheOperation<Bool> {
        operation {
            CacheCommand("EXISTS", idempotent: true, whenOut: .miss(false)) { reply, node in
                try reply.requireInteger(from: node) > 0
            }
        }
    }

    /// ``CacheEntry/timeLeft()`` as an operation.
    public final func measuringTime() -> CacheOperation<TimeLeft> {
        operation {
            CacheCommand("PTTL", idempotent: true, whenOut: .miss(.missing)) { reply, node in
                try TimeLeft(reply, from: node)
            }
        }
    }

    /// ``CacheEntry/touch(ttl:)`` as an operation.
    public final func touching(ttl: TTL? = nil) -> CacheOperation<Bool> {
        operation {
            guard let milliseconds = try milliseconds(ttl) else {
                // PERSIST answers 0 also for a key without a ttl.
                return CacheCommand(script: Script.persist, [], idempotent: true, whenOut: .drop(false)) {
                    try $0.requireInteger(from: $1) > 0
                }
            }
            return CacheCommand(
                "PEXPIRE", [.number(milliseconds)], idempotent: true, whenOut: .drop(false)
            ) { try $0.requireInteger(from: $1) > 0 }
        }
    }
}

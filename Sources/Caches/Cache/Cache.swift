import CachesCluster
import CachesTransport

/// A cache of one value.
///
/// ```swift
/// final class UserCache: Cache<User>, @unchecked Sendable {
///     override class var prefix: String { "user" }
///     override class var ttl: TTL { .hours(2, jitter: 0.1) }
/// }
///
/// let cache = UserCache("org", 42)      // the key user.org.42; no I/O yet
/// try await cache.set(user)
/// let user = try await cache.get()      // nil: not there
/// try await cache.clear()
/// ```
///
/// It can be used without a class of its own: `Cache<Int>("home", prefix: "hits")`.
///
/// Nothing is kept in the object: every call asks the node that owns the key. See ``CacheEntry`` for
/// settings, keys and why a subclass says `@unchecked Sendable`.
open class Cache<Value: Codable & Sendable>: CacheEntry, @unchecked Sendable {
    /// Makes a cache of a key that is already whole: no prefix is put before it, nothing is escaped.
    ///
    /// It is required, so that a cached function can make a cache of any class for each of its keys. A
    /// subclass inherits it unless it adds an initialiser that is not `convenience`.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - ttl: How long values are kept. nil: as the class says.
    ///   - connection: Which nodes hold the key. nil: as the class says.
    ///   - coder: How values become bytes. nil: as the class says.
    ///   - deadline: How long each call may take. nil: as the class says.
    ///   - outagePolicy: The policy of calls while the node is out. nil: the class's.
    ///   - pool: The pool to use. nil: the task's, else the shared one.
    public required override init(
        key: CacheKey, ttl: TTL? = nil, connection: ConnectionName? = nil, coder: (any CacheCoder)? = nil,
        deadline: Duration? = nil, outagePolicy: OutagePolicy? = nil, on pool: CachePool? = nil
    ) {
        super.init(
            key: key, ttl: ttl, connection: connection, coder: consume coder, deadline: deadline,
            outagePolicy: outagePolicy, on: pool)
    }

    override final class var usualOutagePolicy: OutagePolicy { .gutter }
    override final class var supportsGutter: Bool { true }

    /// Has the last word on a value, as it is stored and as it is read. Default: as it is.
    ///
    /// Normalising a normalised value must not change it.
    @inlinable
    open class func normalize(_ value: Value) -> Value { value }

    /// How ``fetch(ttl:unless:_:)`` keeps computations from being repeated. Default: callers in this process
    /// share one.
    open class var fetching: Fetching { Fetching() }

    /// The value, or nil if it is missing.
    ///
    /// A value that can't be decoded counts as missing, and is counted (``CacheCounters/undecodable``): after
    /// a new version has changed the type, a value of the old one is a miss, not a failure.
    ///
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    // Inlinable, as are the functions that it calls while all is well: so it is compiled for the type of the
    // values.
    @inlinable
    public final func get() async throws -> Value? {
        do { return value(in: try await stored()) } catch { return try valueFound(after: error) }
    }

    // Not in `get`: an asynchronous function allocates its variables of a type that is known only at run
    // time.
    @inlinable
    final func value(in bytes: Bytes?) -> Value? {
        guard let bytes else { return nil }
        do {
            let coder = coder
            return Self.normalize(try Cache.decoded(bytes, by: coder))
        } catch {
            CacheCounters.countUndecodable()
            return nil
        }
    }

    /// The usual coder, which has no state, is taken by its own type: decoding is then compiled for the
    /// values' type.
    @inlinable @inline(__always)
    static func decoded<Coder: CacheCoder>(_ bytes: Bytes, by coder: Coder) throws -> Value {
        guard Coder.self == StandardCoder.self else { return try coder.decode(Value.self, from: bytes) }
        return try StandardCoder().decode(Value.self, from: bytes)
    }

    /// The value, or nil if it is missing; a value that can't be decoded is an error.
    ///
    /// - Throws: ``CachesError``, of code ``CachesError/Code/decoding`` if there is something else than a
    ///   `Value`; `CancellationError` if the task is cancelled.
    public final func getOrThrow() async throws -> Value? {
        do {
            guard let (bytes, node) = try await send(gettingBytes()) else { return nil }
            return Self.normalize(try decodeOrThrow(Value.self, from: bytes, of: node))
        } catch let error as CachesError {
            return try valueFound(after: error)
        }
    }

    /// The value, or `other` if it is missing.
    ///
    /// - Throws: As ``get()``; and what `other` throws.
    public final func get(default other: @autoclosure () throws -> Value) async throws -> Value {
        if let value = try await get() { value } else { try other() }
    }

    /// Stores a value, with the ttl, in one atomic command.
    ///
    /// The ttl restarts, and storing with none clears an earlier one. If the connection is lost before the
    /// reply comes, the command is sent again.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - ttl: How long it is kept. nil: as ``CacheEntry/ttl`` says.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled. The value may then have been
    ///   stored or not.
    public final func set(_ value: Value, ttl: TTL? = nil) async throws {
        let milliseconds = try milliseconds(ttl)
        try await store(try encode(Self.normalize(value)), milliseconds: milliseconds)
    }
}

extension Cache {
    /// The bytes at the key; an outage is an error, whatever the policy, unless another node stands in.
    ///
    /// The hot path of reads. Does what ``gettingBytes()`` does without building a command; inlined, as each
    /// asynchronous function costs its frame.
    @inlinable @inline(__always)
    final func stored() async throws -> Bytes? {
        guard let (connection, deadline) = fastPath() else { return try await storedSlowPath() }
        do {
            return try await connection.send(idempotent: true, forKey: true, deadline: deadline) {
                $0.write("GET", key.bytes)
            }.requireBytes(from: connection)
        } catch {
            return try await retryStored(insteadOf: connection, deadline, after: error)
        }
    }

    @usableFromInline @inline(never)
    final func storedSlowPath() async throws -> Bytes? { try await sendSlowPath(gettingBytes())?.0 }

    @usableFromInline @inline(never)
    final func retryStored(
        insteadOf connection: NodeConnection, _ deadline: Deadline, after error: any Error
    ) async throws -> Bytes? {
        try await retry(gettingBytes(), insteadOf: connection, deadline, after: error)?.0
    }

    private final func gettingBytes() -> CacheCommand<(Bytes, any ReplySource)?> {
        CacheCommand(.get, answerWhenOut: { nil }) { reply, node in
            try reply.requireBytes(from: node).map { ($0, node) }
        }
    }

    /// The value of a read that failed, by the outage policy: nil, or the error is thrown.
    @usableFromInline
    func valueFound(after error: any Error) throws -> Value? {
        guard let error = error as? CachesError else { throw error }
        try applyOutagePolicy(to: .get, after: error)
        return nil
    }

    /// ``Cache/get()`` as an operation.
    public final func getting() -> CacheOperation<Value?> { operation { getCommand() } }

    /// ``Cache/set(_:ttl:)`` as an operation.
    public final func setting(_ value: Value, ttl: TTL? = nil) -> CacheOperation<Void> {
        operation { try setCommand(value, milliseconds: milliseconds(ttl)) }
    }

    @inlinable
    final func getCommand() -> CacheCommand<Value?> {
        CacheCommand(.get, answerWhenOut: { nil }) { reply, node in
            self.value(in: try reply.requireBytes(from: node))
        }
    }

    /// Stores bytes at the key.
    ///
    /// The hot path of writes. Does what ``setCommand(_:milliseconds:)`` does without building a command.
    private final func store(_ payload: Payload, milliseconds: Int64?) async throws {
        guard !Flights.shared.areAny, let (connection, deadline) = fastPath() else {
            return try await run(CacheCommand(storing: payload, milliseconds: milliseconds))
        }
        do {
            try await connection.send(idempotent: true, forKey: true, deadline: deadline) {
                $0.set(key.bytes, to: payload, milliseconds: milliseconds)
            }.requireOK(from: connection)
        } catch {
            let command = CacheCommand(storing: payload, milliseconds: milliseconds)
            do {
                try await retry(command, insteadOf: connection, deadline, after: error)
            } catch let error as CachesError {
                try output(of: command, after: error)
            }
        }
    }

    final func setCommand(_ value: Value, milliseconds: Int64?) throws(CachesError) -> CacheCommand<Void> {
        CacheCommand(storing: try encode(Self.normalize(value)), milliseconds: milliseconds)
    }
}

extension CommandWords {
    @usableFromInline static var get: CommandWords {
        CommandWords("GET", [], idempotent: true, whenOut: .miss)
    }
}

extension CommandWriter {
    /// Writes the words of ``CacheCommand/init(storing:milliseconds:)``, without an array of them.
    mutating func set(_ key: KeyBytes, to value: Payload, milliseconds: Int64?) {
        begin(milliseconds == nil ? 3 : 5)
        argument("SET")
        argument(key)
        argument(value)
        guard let milliseconds else { return }
        argument("PX")
        argument(milliseconds)
    }
}

extension CacheCommand<Void> {
    /// Stores a value, for so long; nil: for ever.
    init(storing value: Payload, milliseconds: Int64?) {
        var arguments = [value]
        if let milliseconds { arguments += ["PX", .number(milliseconds)] }
        self.init("SET", arguments, idempotent: true, whenOut: .drop(())) { reply, node in
            try reply.requireOK(from: node)
        }
    }
}

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
/// Nothing is kept in the object: every call asks the node that owns the key. See ``CacheEntry`` for settings,
/// keys and why a subclass says `@unchecked Sendable`.
open class Cache<Value: Codable & Sendable>: CacheEntry, @unchecked Sendable {
    /// The value, or nil if there is none.
    ///
    /// A value that can't be decoded counts as none, and is counted (``CacheCounters/undecodable``): after a
    /// new version has changed the type, what the old one stored is a miss, not a failure.
    ///
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final func get() async throws -> Value? {
        let route = try route()
        let reply = try await route.node.send(idempotent: true, deadline: route.deadline) { command in
            command.write("GET", route.key)
        }
        guard let bytes = try reply.requireBytes(from: route.node) else { return nil }
        do {
            return try coder.decode(Value.self, from: bytes)
        } catch {
            CacheCounters.countUndecodable()
            return nil
        }
    }

    /// The value, or nil if there is none; a value that can't be decoded is an error.
    ///
    /// - Throws: ``CachesError``, of code ``CachesError/Code/decoding`` if there is something else than a
    ///   `Value`; `CancellationError` if the task is cancelled.
    public final func getOrThrow() async throws -> Value? {
        let route = try route()
        let reply = try await route.node.send(idempotent: true, deadline: route.deadline) { command in
            command.write("GET", route.key)
        }
        guard let bytes = try reply.requireBytes(from: route.node) else { return nil }
        do {
            return try coder.decode(Value.self, from: bytes)
        } catch {
            throw codingError(
                .decoding, "The value at the key \(key) is no \(Value.self).", error,
                advice: "Clear it, or give one of the classes that write it another prefix.", node: route.node
            )
        }
    }

    /// Stores a value, with the ttl, in one atomic command.
    ///
    /// The ttl begins anew, and storing with none clears an earlier one. If the connection is lost before the
    /// reply comes, the command is sent again.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - ttl: How long it is kept. nil: as ``CacheEntry/ttl`` says.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled. The value may then have been
    ///   stored or not.
    public final func set(_ value: Value, ttl: TTL? = nil) async throws {
        let milliseconds = try (ttl ?? self.ttl).milliseconds()
        let payload = try encoded(value)
        let route = try route()
        let reply = try await route.node.send(idempotent: true, deadline: route.deadline) { command in
            command.begin(milliseconds == nil ? 3 : 5)
            command.argument("SET")
            command.argument(route.key)
            command.argument(payload)
            if let milliseconds {
                command.argument("PX")
                command.argument(milliseconds)
            }
        }
        try reply.requireOK(from: route.node)
    }
}

extension Cache {
    private func encoded(_ value: Value) throws(CachesError) -> Payload {
        do {
            return try coder.encode(value)
        } catch {
            throw codingError(
                .encoding, "The \(Value.self) for the key \(key) can't be encoded.", error, advice: nil,
                node: nil)
        }
    }

    /// A coder's error with the key and the type, and without the text of an error that may quote the value.
    private func codingError(
        _ code: CachesError.Code, _ message: String, _ error: any Error, advice: String?, node: Node?
    ) -> CachesError {
        let reason = (error as? CachesError)?.message ?? "The coder failed with \(type(of: error))."
        return CachesError(code, "\(message) \(reason)", advice: advice, node: node?.name)
    }
}

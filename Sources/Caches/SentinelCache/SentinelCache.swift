/// A gate that lets exactly one caller pass, among all tasks of all processes: for work that is to be done
/// once, or once a day.
///
/// ```swift
/// if try await SentinelCache("nightly", ttl: .days(1)).claim() {
///     // exactly one caller, until the ttl has passed
/// }
/// ```
///
/// The gate is a key: shut while there is something at it, whoever wrote it, and open when there is nothing.
/// A claim is one atomic command, so that of any number of callers at the same time one wins. Without a ttl
/// (``TTL/forever``), the gate stays shut until ``release()``.
///
/// It is not a lock: the one that passes is not tied to it, and it does not open when that one is done.
///
/// Nothing is kept in the object: every call asks the node that owns the key. See ``CacheEntry`` for
/// settings, keys and why a subclass says `@unchecked Sendable`. A claim has no true answer while its node is
/// out, and fails under every ``OutagePolicy``. It is a script, for which an ACL user needs `+eval`.
open class SentinelCache: CacheEntry, @unchecked Sendable {
    /// Shuts the gate, if it is open.
    ///
    /// If the connection is lost before the reply comes, the command is sent again, and still only one caller
    /// wins, since each claim knows its own. If the call fails or is cancelled after the command was sent,
    /// the gate that it may have shut is opened again in the background.
    ///
    /// - Parameter ttl: When the gate opens again. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: Whether this call has shut it: true for exactly one caller, until the ttl has passed or the
    ///   gate is released.
    /// - Throws: ``CachesError``, of code `.server("WRONGTYPE")` if a collection is at the key, which no
    ///   claim has put there; `CancellationError` if the task is cancelled.
    public final func claim(ttl: TTL? = nil) async throws -> Bool {
        try await claim(Self.makeHolderToken(), ttl: ttl)
    }

    /// Does something if this call shuts the gate.
    ///
    /// ```swift
    /// let report = try await SentinelCache("nightly", ttl: .days(1)).withClaim { try await makeReport() }
    /// ```
    ///
    /// If `body` throws, also because the task is cancelled, the gate is opened again, so that another caller
    /// may try. It opens its own claim only: if the ttl has passed meanwhile and another caller has shut the
    /// gate, it stays shut. That is sent also in a task that has been cancelled, and waited for until the
    /// deadline of a call. If it fails, it is counted (``CacheCounters/unreleased``), and the gate opens when
    /// the ttl has passed.
    ///
    /// After a `body` that returns, the gate stays shut.
    ///
    /// - Parameters:
    ///   - ttl: When the gate opens again; longer than `body` takes. nil: as ``CacheEntry/ttl`` says.
    ///   - body: The work.
    /// - Returns: What `body` returned; nil if the gate was shut already.
    /// - Throws: What `body` throws; and as ``claim(ttl:)``, and then `body` has not run.
    public final func withClaim<Output>(
        ttl: TTL? = nil, _ body: () async throws -> Output
    ) async throws -> Output? {
        let token = Self.makeHolderToken()
        guard try await claim(token, ttl: ttl) else { return nil }
        do {
            return try await body()
        } catch {
            await giveBack(token).value
            throw error
        }
    }

    /// Opens the gate, whoever shut it.
    ///
    /// - Returns: Whether it was shut. If the connection is lost before the reply comes, the command is sent
    ///   again, and false may then mean that the first one was carried out.
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    @discardableResult
    public final func release() async throws -> Bool { try await clear() }

    /// Whether the gate is shut.
    ///
    /// It may be otherwise by the time that the caller knows: to pass, ``claim(ttl:)``.
    ///
    /// - Throws: ``CachesError``; `CancellationError` if the task is cancelled.
    public final var isSet: Bool { get async throws { try await exists() } }
}

extension SentinelCache {
    /// ``SentinelCache/claim(ttl:)`` as an operation, but for this: of a batch or a transaction that fails or
    /// is cancelled after it was sent, the gate that the claim may have shut is not opened again before its
    /// ttl has passed.
    public final func claiming(ttl: TTL? = nil) -> CacheOperation<Bool> {
        operation { try claimCommand(Self.makeHolderToken(), ttl: ttl) }
    }

    /// ``SentinelCache/release()`` as an operation.
    public final func releasing() -> CacheOperation<Bool> { clearing() }

    private final func claimCommand(
        _ token: String, ttl: TTL?
    ) throws(CachesError) -> CacheCommand<Bool> {
        var arguments: [Payload] = [.text(token)]
        if let milliseconds = try milliseconds(ttl) { arguments += ["PX", .number(milliseconds)] }
        return CacheCommand(script: Script.claim, arguments, idempotent: true) {
            try $0.requireInteger(from: $1) > 0
        }
    }

    private final func claim(_ token: String, ttl: TTL?) async throws -> Bool {
        try Task.checkCancellation()
        do {
            return try await run(claimCommand(token, ttl: ttl))
        } catch {
            if error.leavesCommandInDoubt { giveBack(token) }
            throw error
        }
    }

    /// Opens the gate, if the claim with a token has shut it.
    ///
    /// Over the same connection that comes after the claim; should it overtake it on a new connection, the
    /// gate opens when the ttl has passed.
    @discardableResult
    private final func giveBack(_ token: String) -> Task<Void, Never> {
        // A task of its own is not cancelled with the one that waits for it.
        Task {
            do { _ = try await run(releasing(token)) } catch { CacheCounters.countUnreleased() }
        }
    }
}

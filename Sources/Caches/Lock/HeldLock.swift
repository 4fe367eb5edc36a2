/// A lock that was granted. Use it to release or extend the lock.
///
/// It stands for one grant only. Once the ttl has run out and another holder has the lock, it can't affect
/// that lock. Dropping it does not release the lock, which then ends with its ttl.
public struct HeldLock: Sendable {
    /// The lock.
    public let lock: LockCache

    /// Identifies the holder to the server.
    let token = CacheEntry.makeHolderToken()

    /// Where the lock is, also for a task that has another pool by now.
    private let pool: CachePool

    init(_ lock: LockCache) {
        self.lock = lock
        pool = lock.pool
    }

    /// Gives the lock back.
    ///
    /// It is sent also in a task that has been cancelled, and waited for until the deadline of the call.
    ///
    /// - Returns: Whether the lock was still held. False means that it had ended before, and others may have
    ///   had it. (If the connection is lost before the reply comes, the command is sent again, and false may
    ///   then mean that the first one was carried out.)
    /// - Throws: ``CachesError``; the lock may then be held until its ttl ends.
    @discardableResult
    public func release() async throws -> Bool {
        // A task of its own is not cancelled with the one that waits for it.
        try await Task { try await run(lock.releasing(token)) }.value
    }

    /// Restarts the ttl, if the lock is still held.
    ///
    /// - Parameter ttl: How long the lock is held from now on, at most. nil: as the lock's
    ///   ``CacheEntry/ttl`` says.
    /// - Returns: Whether the lock is held. False means that it had ended, and others may have it: stop.
    /// - Throws: ``CachesError``, of code ``CachesError/Code/invalidArgument`` for ``TTL/forever``;
    ///   `CancellationError` if the task is cancelled.
    public func extend(ttl: TTL? = nil) async throws -> Bool {
        try await run(lock.extending(token, ttl: ttl))
    }

    private func run<Output>(_ command: CacheCommand<Output>) async throws -> Output {
        try await CachePool.$current.withValue(pool) { try await lock.run(command) }
    }
}

extension HeldLock {
    /// Gives the lock back after the work under it. A failure must not hide the work's result: it is counted.
    func finish() async {
        do {
            if try await !release() { CacheCounters.countOutlived() }
        } catch {
            CacheCounters.countUnreleased()
        }
    }

    /// Gives back in the background a lock that may have been granted to a caller that can no longer take it.
    ///
    /// The task ends by the deadline of the call. Over the same connection its command comes after the one
    /// that asked for the lock; should it overtake that one on a new connection, the lock ends with its ttl.
    func abandon() {
        Task {
            do { try await release() } catch { CacheCounters.countUnreleased() }
        }
    }
}

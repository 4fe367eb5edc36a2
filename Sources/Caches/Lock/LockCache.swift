import CachesCluster

/// A lock that tasks, processes and machines share: one holder at a time, each for at most a ttl.
///
/// ```swift
/// let lock = LockCache("import")
/// try await lock.withLock(waitingAtMost: .seconds(10)) { held in
///     try await importCustomers()
///     guard try await held.extend() else { return }    // false: it took too long, others may be at it
///     try await importOrders()
/// }
/// ```
///
/// **It always has a ttl**, so that a holder that crashed holds it no longer than that. Nothing extends it by
/// itself: a holder that hangs would keep it for ever. Call ``HeldLock/extend(ttl:)`` as the work progresses.
///
/// **What it is not.** The lock is on one node. A node that loses its data, or fails over to a replica that
/// had not heard of the lock, can grant it twice; and a holder that is slower than the ttl works on while the
/// next one begins. So use it to save work that would be done twice, not where work done twice does harm.
/// There the store that is written to has to refuse the late writer: have it check a version, or a number
/// that only the store counts up, in the same transaction as the write. The lock gives out no such number,
/// because one that starts again when its node loses its data would protect nothing. (Kleppmann, "How to do
/// distributed locking", 2016. This is not Redlock.)
///
/// It is neither reentrant, each grant is a holder of its own, nor fair: whoever asks first when it is free
/// has it. What every cache can do looks past the holder: ``CacheEntry/exists()`` says whether anybody has
/// it, ``CacheEntry/timeLeft()`` for how long, ``CacheEntry/touch(ttl:)`` changes that, and
/// ``CacheEntry/clear()`` takes it from whoever has it.
///
/// While the node is out, all that it does itself throws, also under ``OutagePolicy/miss``. See
/// ``CacheEntry`` for settings, keys and why a subclass says `@unchecked Sendable`.
open class LockCache: CacheEntry, @unchecked Sendable {
    /// How long a holder has the lock, unless it extends it. Default: 30 s, which is longer than a sound
    /// piece of work waits for anything, and short enough to wait for after a crash. Not ``TTL/forever``.
    override open class var ttl: TTL { .seconds(30) }

    // A waiter polls, since no command on one key waits for a key to go. It asks after 5 ms, so that short
    // work is waited for shortly; then ever more seldom, at most 8 times a second, a load that thousands can
    // wait at.
    private static let backoff = Backoff(first: .milliseconds(5), cap: .milliseconds(250))

    /// Takes the lock if it is free.
    ///
    /// If the call fails or is cancelled after the command was sent, a lock that may have been granted is
    /// given back in the background.
    ///
    /// - Parameter ttl: How long it is held, at most. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The held lock, or nil if another holder has it.
    /// - Throws: ``CachesError``, of code ``CachesError/Code/invalidArgument`` for ``TTL/forever``, and
    ///   `.server("WRONGTYPE")` if there is something else at the key; `CancellationError` if the task is
    ///   cancelled.
    public final func tryAcquire(ttl: TTL? = nil) async throws -> HeldLock? {
        let held = HeldLock(self)
        return try await grant(held, ttl: ttl) == nil ? held : nil
    }

    /// Takes the lock, waiting until it is free.
    ///
    /// It is asked for after 5 ms, then after twice as long each time up to 250 ms, each time drawn at random
    /// from its upper half. It is asked for a last time when the wait ends.
    ///
    /// - Parameters:
    ///   - limit: How long to wait. Zero or less: it is asked for once.
    ///   - ttl: How long it is held, at most, from when it is granted. nil: as ``CacheEntry/ttl`` says.
    /// - Returns: The held lock.
    /// - Throws: ``CachesError`` of code ``CachesError/Code/locked`` if it is held when the wait ends,
    ///   with the time that the holder has left; and as ``tryAcquire(ttl:)``, as soon as one attempt fails.
    public final func acquire(waitingAtMost limit: Duration, ttl: TTL? = nil) async throws -> HeldLock {
        let deadline = Deadline.after(limit)
        let held = HeldLock(self)
        var attempts = 0
        while let timeLeft = try await grant(held, ttl: ttl) {
            guard limit > .zero, !deadline.hasPassed else { throw stillHeld(after: limit, timeLeft) }
            attempts += 1
            var generator = JitterGenerator()
            let delay = Self.backoff.delay(
                after: attempts, jitter: .random(in: 0...1, using: &generator))
            try await Task.sleep(for: min(delay, deadline.remaining))
        }
        return held
    }

    /// Does some work under the lock, waiting until it is free, and gives it back however the work ends.
    ///
    /// The lock is given back also if the task has been cancelled, and is free when this returns. If that
    /// fails, it is counted (``CacheCounters/unreleased``), and the lock ends with its ttl. If the lock had
    /// ended before the work did, that is counted (``CacheCounters/outlived``). Either way the result is the
    /// work's.
    ///
    /// - Parameters:
    ///   - limit: How long to wait for the lock. Zero or less: it is asked for once.
    ///   - ttl: How long it is held, at most, from when it is granted. nil: as ``CacheEntry/ttl`` says.
    ///   - body: The work. It is given the lock, to extend it.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws; and as ``acquire(waitingAtMost:ttl:)``, and then `body` has not run.
    public final func withLock<Output>(
        waitingAtMost limit: Duration, ttl: TTL? = nil, _ body: (HeldLock) async throws -> Output
    ) async throws -> Output {
        let held = try await acquire(waitingAtMost: limit, ttl: ttl)
        do {
            let output = try await body(held)
            await held.finish()
            return output
        } catch {
            await held.finish()
            throw error
        }
    }

    // Every ttl of a lock passes through here, including that of a touch.
    override final func milliseconds(_ ttl: TTL?) throws(CachesError) -> Int64 {
        guard let milliseconds = try super.milliseconds(ttl) else {
            throw CachesError(
                .invalidArgument, "The lock \(key) can't be held for ever.",
                advice: "Give it a ttl: without one, a holder that crashes would never give it back.")
        }
        return milliseconds
    }
}

extension LockCache {
    /// Asks for the lock once. Returns nil if it was granted, else how long its holder may still have it.
    private final func grant(_ held: HeldLock, ttl: TTL?) async throws -> TimeLeft? {
        try Task.checkCancellation()
        do {
            return try await run(acquiring(held.token, ttl: ttl))
        } catch {
            if error.leavesCommandInDoubt { held.abandon() }
            throw error
        }
    }

    private final func stillHeld(after limit: Duration, _ timeLeft: TimeLeft) -> CachesError {
        let (end, advice) =
            switch timeLeft {
            case .time(let time):
                ("it ends in \(time) unless it is extended", "Wait longer, or see what its holder is doing.")
            case .forever:
                (
                    "it has no ttl",
                    "Something else than a lock is at the key: give one of them another prefix."
                )
            case .missing:
                ("it has just ended", "Try again.")
            }
        return CachesError(
            .locked, "The lock \(key) was still held after a wait of \(limit): \(end).", advice: advice,
            node: try? pool.node(for: key.text, connection: connection).name)
    }
}

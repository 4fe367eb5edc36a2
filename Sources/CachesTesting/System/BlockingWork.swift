import CachesPlatform
import Dispatch
import Synchronization

/// Runs work that blocks for up to a deadline of its own on another thread, and suspends the caller.
///
/// Swift's cooperative pool has one thread a core: a few calls that wait for a slow or paused server there
/// would stop every other task of the process.
func blocking<Value: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
        onOwnThread {
            do throws(Failure) {
                continuation.resume(returning: .success(try work()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}

/// Runs work on a thread that is there at once.
///
/// Dispatch's global queues have a thread a core too, and on Linux add one for each that is blocked only
/// after a second. A queue of one's own gets one without asking how many there are.
func onOwnThread(_ work: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "caches.blocking-work").async(execute: work)
}

/// Runs blocking work that has to give up after a while, or when the caller's task is cancelled.
///
/// All of the work is one block, without a suspension in between: where tests keep the cooperative pool busy,
/// a deadline must not pass while a task waits for its turn. And only as many blocks run at a time as there
/// are cores, each with its full time: a test runner starts all its tests at once, and forty fleets that
/// start together would all be late.
///
/// - Parameter inTurn: false for work that does little but wait for others, and needs no core for it.
func blocking<Value: Sendable>(
    within duration: Duration, inTurn: Bool = true, _ work: @escaping @Sendable (Patience) throws -> Value
) async throws -> Value {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
        try await blocking { () throws(any Error) in
            if inTurn { places.wait() }
            defer { if inTurn { places.signal() } }
            try cancellation.check()
            return try work(Patience(deadline: .now + duration, cancellation: cancellation))
        }
    } onCancel: {
        cancellation.isSet.store(true, ordering: .relaxed)
    }
}

private let places = DispatchSemaphore(value: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// Whether the task that waits for blocking work has been cancelled.
final class Cancellation: Sendable {
    fileprivate let isSet = Atomic(false)

    func check() throws(CancellationError) {
        if isSet.load(ordering: .relaxed) { throw CancellationError() }
    }
}

/// How long a piece of blocking work may go on.
struct Patience: Sendable {
    fileprivate let deadline: ContinuousClock.Instant
    fileprivate let cancellation: Cancellation

    /// The time left, at least a quarter of a second: a server still has its chance where the machine was
    /// late.
    var remaining: Duration { max(.milliseconds(250), deadline - .now) }

    /// Whether the time is over.
    var hasEnded: Bool { deadline <= .now }

    /// As long, but not longer than a duration from now.
    func limited(to duration: Duration) -> Patience {
        Patience(deadline: min(deadline, .now + duration), cancellation: cancellation)
    }

    /// - Throws: ``FleetError`` with the message if the time is over; `CancellationError` if the task has
    ///   been cancelled.
    func check(_ message: String) throws {
        try cancellation.check()
        if hasEnded { throw FleetError(.timeout, message) }
    }

    /// Blocks for some milliseconds.
    ///
    /// - Throws: `CancellationError` if the task has been cancelled.
    func pause(milliseconds: Int32) throws(CancellationError) {
        try cancellation.check()
        poll(nil, 0, milliseconds)
    }
}

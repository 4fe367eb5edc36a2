internal import Synchronization

/// Lets tasks wait for a change of a state that others make.
///
/// Code that changes the state calls ``changed()`` afterwards, without holding a lock. While nobody waits
/// that costs a lock that nobody else wants.
package final class ChangeSignal: Sendable {
    private struct Waiter: Sendable {
        /// The continuation that resumes it; nil while it looks.
        var continuation: CheckedContinuation<Void, Never>?
        /// Whether its deadline has passed, or its task was cancelled.
        var isOver = false

        /// What is to be resumed, by the caller, once.
        mutating func wake() -> CheckedContinuation<Void, Never>? {
            defer { continuation = nil }
            return continuation
        }
    }

    private struct State: Sendable {
        /// How many changes there were.
        var changes: UInt64 = 0
        var lastWaiter: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// The state has changed.
    package func changed() {
        let continuations = state.withLock { state in
            state.changes &+= 1
            return state.waiters.keys.compactMap { state.waiters[$0]?.wake() }
        }
        for continuation in continuations { continuation.resume() }
    }

    /// Waits until `look` finds a value in the state.
    ///
    /// - Parameters:
    ///   - look: Looks for it, at once and after each change; nil if it is not there.
    ///   - deadline: Until when it waits.
    ///   - loop: The loop whose timer ends the wait.
    /// - Returns: The value found; nil if the deadline has passed.
    /// - Throws: The error of `look`; `CancellationError` if the task is cancelled.
    package func first<Found>(
        before deadline: Deadline, on loop: EventLoop, _ look: () throws -> Found?
    ) async throws -> Found? {
        if let found = try look() { return found }
        let remaining = deadline.remaining
        guard remaining > .zero else { return nil }
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            state.waiters[state.lastWaiter] = Waiter()
            return state.lastWaiter
        }
        // One timer, however many changes come before the value is found.
        let timer = loop.schedule(after: remaining) { [self] in end(waiter) }
        defer {
            loop.cancel(timer)
            state.withLock { _ = $0.waiters.removeValue(forKey: waiter) }
        }
        return try await withTaskCancellationHandler {
            while true {
                let (changes, isOver) = state.withLock {
                    ($0.changes, $0.waiters[waiter]?.isOver ?? true)
                }
                try Task.checkCancellation()
                if let found = try look() { return found }
                guard !isOver else { return nil }
                await wait(waiter, after: changes)
            }
        } onCancel: {
            end(waiter)
        }
    }

    /// Waits for a change after so many, or for the waiter's end.
    private func wait(_ waiter: UInt64, after changes: UInt64) async {
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                guard state.changes == changes, state.waiters[waiter]?.isOver == false else { return true }
                state.waiters[waiter]?.continuation = continuation
                return false
            }
            if mayGoOn { continuation.resume() }
        }
    }

    /// The waiter's time is over. A waiter that has its value is already gone.
    private func end(_ waiter: UInt64) {
        let continuation = state.withLock { state in
            state.waiters[waiter]?.isOver = true
            return state.waiters[waiter]?.wake()
        }
        continuation?.resume()
    }
}

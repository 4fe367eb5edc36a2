internal import Synchronization

/// Lets tasks wait for a change of a state that others make.
///
/// Whoever changes the state calls ``changed()`` afterwards, without holding a lock. While nobody waits that costs a
/// lock that nobody else wants.
package final class ChangeSignal: Sendable {
    private struct State: Sendable {
        /// How many changes there were.
        var changes: UInt64 = 0
        var lastWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Waiters that were woken before they waited.
        var woken: Set<UInt64> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The state has changed.
    package func changed() {
        let waiters = state.withLock { state in
            state.changes &+= 1
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.self)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until there is something to be found in the state.
    ///
    /// - Parameters:
    ///   - look: Looks for it, at once and after each change; nil if it is not there.
    ///   - deadline: Until when it waits.
    ///   - loop: The loop whose timer ends the wait.
    /// - Returns: What was found; nil if the deadline has passed.
    /// - Throws: What `look` throws; `CancellationError` if the task is cancelled.
    package func first<Found>(
        before deadline: Deadline, on loop: EventLoop, _ look: () throws -> Found?
    ) async throws -> Found? {
        while true {
            let changes = state.withLock { $0.changes }
            if let found = try look() { return found }
            guard !deadline.hasPassed else { return nil }
            try await wait(after: changes, before: deadline, on: loop)
        }
    }

    /// Waits for a change after so many, or for the deadline.
    private func wait(after changes: UInt64, before deadline: Deadline, on loop: EventLoop) async throws {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let timer = loop.schedule(after: deadline.remaining) { [self] in wake(waiter) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.woken.contains(waiter) || state.changes != changes { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            wake(waiter)
        }
        loop.cancel(timer)
        state.withLock { _ = $0.woken.remove(waiter) }
        try Task.checkCancellation()
    }

    private func wake(_ waiter: UInt64) {
        let continuation = state.withLock { state in
            let continuation = state.waiters.removeValue(forKey: waiter)
            if continuation == nil { state.woken.insert(waiter) }
            return continuation
        }
        continuation?.resume()
    }
}

/// A task that sends commands that others have written.
///
/// It runs on the default pool, where a resumed task queues up behind those that are ready: by the time it
/// runs they have appended their commands, and one system call carries them all. No timer, no delay.
/// Only the holder of a connection's duty calls ``signal()``, so there is at most one call under way.
final class Flusher: Sendable {
    // Safe: the continuation is resumed exactly once. `change` takes it out of the state under the lock, or
    // it never gets there (see `park`).
    @safe private enum State {
        case running
        case parked(UnsafeContinuation<Bool, Never>)
        case signalled
        case stopped
    }

    private let state = Locked(State.running)

    /// Hands the duty to the flusher.
    func signal() { unsafe change(to: .signalled)?.resume(returning: true) }

    /// Ends the task, after its present work.
    func stop() { unsafe change(to: .stopped)?.resume(returning: false) }

    /// Calls `flush` after each signal, until it is stopped.
    func run(_ flush: @escaping @Sendable () -> Void) {
        Task.detached(name: "caches-flusher") { [self] in
            while await park() { flush() }
        }
    }

    private func change(to wanted: State) -> UnsafeContinuation<Bool, Never>? {
        unsafe state.withLock { state in
            switch state {
            case .stopped: return nil
            case .running, .signalled:
                state = wanted
                return nil
            case .parked(let continuation):
                if case .stopped = wanted { state = .stopped } else { state = .running }
                return unsafe continuation
            }
        }
    }

    /// Waits for a signal. false: it is over.
    private func park() async -> Bool {
        await unsafe withUnsafeContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                switch state {
                case .stopped: return false
                case .signalled:
                    state = .running
                    return true
                case .running, .parked:
                    unsafe state = .parked(continuation)
                    return nil
                }
            }
            if let answer { unsafe continuation.resume(returning: answer) }
        }
    }
}

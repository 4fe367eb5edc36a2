import Foundation
import Synchronization

/// Knows the calls that are under way, and finds those that take too long.
final class Watch: Sendable {
    private struct Running {
        let failure: Failure
        let begin: ContinuousClock.Instant
        let bound: Duration
        /// ``State/lost`` when the call began.
        let lost: Duration
        let task: Task<Void, Never>
        let liar: Liar
        var isTold = false
    }

    private struct State {
        var next = 0
        var running: [Int: Running] = [:]
        /// For how long in all this process wanted to run but could not.
        var lost = Duration.zero
    }

    private let state = Mutex(State())
    private let report: @Sendable (Failure) -> Void
    private let interval = Duration.milliseconds(20)

    /// How long a cancelled call may go on. After that it will never end.
    private static let patience = Duration.seconds(10)

    /// - Parameter report: Called once for each call that takes too long.
    init(_ report: @escaping @Sendable (Failure) -> Void) { self.report = report }

    /// Starts to look, on a separate thread that needs only a core: it is late only if the machine is busy.
    func start() {
        Thread.detachNewThread { [self] in
            while true {
                let begin = ContinuousClock.now
                Thread.sleep(forTimeInterval: interval / .seconds(1))
                look(late: ContinuousClock.now - begin - interval)
            }
        }
    }

    /// Carries out a call.
    func run(
        _ operation: Operation, round: Int, call: Int, liar: Liar,
        _ body: @escaping @Sendable () async -> Void
    ) async {
        let task = Task { await body() }
        let failure = Failure(kind: .hang, round: round, call: call, operation: operation.name, text: "")
        let number = state.withLock { state in
            state.next += 1
            state.running[state.next] = Running(
                failure: failure, begin: .now, bound: operation.bound, lost: state.lost, task: task,
                liar: liar)
            return state.next
        }
        await task.value
        _ = state.withLock { $0.running.removeValue(forKey: number) }
    }

    private func look(late: Duration) {
        let now = ContinuousClock.now
        let (slow, stuck, rounds) = state.withLock { state in
            if late > .milliseconds(5) { state.lost += late }
            var (slow, stuck): ([Running], [Running]) = ([], [])
            for (number, running) in state.running {
                let time = now - running.begin - (state.lost - running.lost)
                if time > running.bound + Self.patience { stuck.append(running) }
                guard time > running.bound, !running.isTold else { continue }
                state.running[number]?.isTold = true
                slow.append(running)
            }
            return (slow, stuck, Set(state.running.values.compactMap(\.failure.round)).sorted())
        }
        for running in slow {
            var failure = running.failure
            failure.text = "The call has not ended in \(running.bound)."
            failure.exchange = running.liar.exchanges
            failure.suspects = rounds
            report(failure)
            running.task.cancel()
        }
        guard let running = stuck.first else { return }
        var failure = running.failure
        failure.text = "The call has not ended, even after its task was cancelled."
        failure.exchange = running.liar.exchanges
        report(failure)
        exit(Self.stuck)
    }

    /// The exit code of a process with a call that does not end.
    static let stuck: Int32 = 75
}

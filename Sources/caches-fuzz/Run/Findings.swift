import Synchronization

/// Everything that has been found in a run.
final class Findings: Sendable {
    private struct State {
        var calls = 0
        var failures: [Failure] = []
        var seen: [String: Int] = [:]
        var left = 0
        var crashes: [(signal: Int32, outcome: WorkerProcess.Outcome)] = []
        var suspicions: [Failure] = []
        var resources: [String] = []
    }

    private let state = Mutex(State())

    /// How many failures of one kind and text are shown. The others are counted.
    private static let mostAlike = 2
    private static let most = 60
    /// The number of crashes that ends a run: most will be the same, and each is replayed.
    private static let mostCrashes = 4

    /// How many calls were made.
    var calls: Int { state.withLock { $0.calls } }
    /// The failures to report.
    var failures: [Failure] { state.withLock { $0.failures } }
    /// How many failures ``failures`` leaves out.
    var left: Int { state.withLock { $0.left } }
    /// The crashes that are not explained yet.
    var crashes: [(signal: Int32, outcome: WorkerProcess.Outcome)] { state.withLock { $0.crashes } }
    /// Possible failures that have to be seen again.
    var suspicions: [Failure] { state.withLock { $0.suspicions } }
    /// The memory and descriptors of each process, one on each line.
    var resources: [String] { state.withLock { $0.resources } }

    /// Whether there were so many crashes that the run ends.
    var hasCrashedEnough: Bool { state.withLock { $0.crashes.count >= Self.mostCrashes } }

    func take(_ message: Message) {
        switch message {
        case .began: break
        case .ended(_, let calls): state.withLock { $0.calls += calls }
        case .failed(let failure): note(failure)
        case .finished(let resources): state.withLock { $0.resources.append(resources) }
        }
    }

    func note(_ failure: Failure) {
        state.withLock { state in
            guard failure.suspects.isEmpty else {
                state.suspicions.append(failure)
                return
            }
            // Simultaneous calls have no order, so the text identifies a failure better than the call.
            let place =
                "\(failure.kind) " + failure.text.filter { !$0.isNumber }.prefix(80)
                + (failure.kind == .hang ? failure.operation : "")
            state.seen[place, default: 0] += 1
            guard state.seen[place, default: 0] <= Self.mostAlike, state.failures.count < Self.most else {
                state.left += 1
                return
            }
            state.failures.append(failure)
        }
    }

    func crashed(signal: Int32, _ outcome: WorkerProcess.Outcome) {
        state.withLock { $0.crashes.append((signal, outcome)) }
    }
}

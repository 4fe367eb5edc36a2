import Synchronization

/// All that has been found in a run.
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

    /// How many failures of one kind and text are shown: the others are counted.
    private static let mostAlike = 2
    private static let most = 60
    /// After so many crashes a run ends: most will be the same, and each is looked into.
    private static let mostCrashes = 4

    /// How many calls were made.
    var calls: Int { state.withLock { $0.calls } }
    /// What is told.
    var failures: [Failure] { state.withLock { $0.failures } }
    /// How many failures are not among them.
    var left: Int { state.withLock { $0.left } }
    /// The crashes that are not explained yet.
    var crashes: [(signal: Int32, outcome: WorkerProcess.Outcome)] { state.withLock { $0.crashes } }
    /// What may have been a failure, and is to be seen again.
    var suspicions: [Failure] { state.withLock { $0.suspicions } }
    /// What the processes held, a line for each.
    var resources: [String] { state.withLock { $0.resources } }

    /// Whether it is of no use to go on.
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
            // Calls that are made at the same time are in no order, and a text says more than the call.
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

import Caches
import CachesTerminal
import Synchronization

/// Follows a clearing on all nodes, and draws its progress.
final class ClearWatch: Sendable {
    private struct State: Sendable {
        var nodes: [String: ClearProgress] = [:]
        var bar: ProgressBar?
    }

    private let state: Mutex<State>
    private let console: Console

    /// Draws a bar if the counts are given.
    init(_ counts: KeyCounts?, on console: Console) {
        self.console = console
        state = Mutex(State(bar: counts.map { ProgressBar(total: $0.total, at: .now) }))
    }

    /// How many keys have been removed so far.
    var removed: Int { state.withLock { $0.nodes.values.reduce(0) { $0 + $1.removed } } }

    /// Notes a node's progress.
    func note(_ progress: ClearProgress) {
        state.withLock { state in
            state.nodes[progress.node] = progress
            // Keys that others write meanwhile must not take the bar past its end.
            let visited = state.nodes.values.reduce(0) { $0 + $1.visited }
            let done = min(visited, state.bar?.total ?? 0)
            let text = state.bar?.update(done: done, at: .now, console.style, width: console.width - 1)
            if let text { console.transient(text) }
        }
    }
}

import Caches
import CachesTerminal
import Synchronization

/// Follows a clearing on all nodes together, and draws how far it has come.
final class ClearWatch: Sendable {
    private struct State: Sendable {
        var nodes: [String: ClearProgress] = [:]
        var bar: ProgressBar?
    }

    private let state: Mutex<State>
    private let console: Console

    /// A watch that draws a bar if the counts are given.
    init(_ counts: KeyCounts?, on console: Console) {
        self.console = console
        state = Mutex(State(bar: counts.map { ProgressBar(total: $0.total, at: .now) }))
    }

    /// How many keys were removed so far.
    var removed: Int { state.withLock { $0.nodes.values.reduce(0) { $0 + $1.removed } } }

    /// A node has come so far.
    func note(_ progress: ClearProgress) {
        state.withLock { state in
            state.nodes[progress.node] = progress
            // Keys that others write meanwhile take nobody past the end.
            let visited = state.nodes.values.reduce(0) { $0 + $1.visited }
            let done = min(visited, state.bar?.total ?? 0)
            let text = state.bar?.update(done: done, at: .now, console.style, width: console.width - 1)
            if let text { console.transient(text) }
        }
    }
}

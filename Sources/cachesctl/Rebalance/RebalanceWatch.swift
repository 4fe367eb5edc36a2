import CachesCluster
import CachesTerminal
import Synchronization

/// Follows a rebalancing on all nodes, and draws its progress.
final class RebalanceWatch: Sendable {
    private struct State: Sendable {
        var nodes: [String: RebalanceReport.Outcome] = [:]
        var bar: ProgressBar?
    }

    private let state = Mutex(State())
    private let console: Console?

    /// Draws a bar if a console is given.
    init(on console: Console?) { self.console = console }

    /// How many keys have been moved so far.
    var moved: Int { state.withLock { $0.nodes.values.reduce(0) { $0 + $1.moved } } }

    /// Notes a node's progress.
    func note(_ outcome: RebalanceReport.Outcome) {
        state.withLock { state in
            state.nodes[outcome.node] = outcome
            guard let console else { return }
            let total = state.nodes.values.reduce(0) { $0 + max($1.total ?? $1.visited, $1.visited) }
            let visited = state.nodes.values.reduce(0) { $0 + $1.visited }
            // The nodes report one after the other how many keys they have.
            var bar = state.bar ?? ProgressBar(total: total, at: .now)
            bar.total = total
            let text = bar.update(done: visited, at: .now, console.style, width: console.width - 1)
            state.bar = bar
            if let text { console.transient(text) }
        }
    }
}

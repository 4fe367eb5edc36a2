import Caches
import CachesCluster
import CachesTerminal
import CachesTransport

extension Demo {
    /// Shows where the keys are. Every node is asked about every key, so that the chart shows the keys that
    /// the servers hold rather than the keys that the placement predicts.
    func spread() async throws {
        stage.begin("Spread", "how many of the keys each server holds")
        let counts = try await forEachNode { node in
            try await node.total("EXISTS", of: (0..<workload.keys).lazy.map { DemoCache($0).key.text })
        }
        stage.draw {
            BarChart(entries: counts.map { (name: $0.name, count: $0.result) }).lines($0, width: $1)
        }
        let total = counts.reduce(0) { $0 + $1.result }
        if total > workload.keys {
            stage.remark("Some nodes are the same database of one server: their keys count more than once.")
        }
    }

    /// Does `work` on all nodes at once. The results are in the configured order.
    func forEachNode<Result: Sendable>(
        _ work: @escaping @Sendable (Node) async throws -> Result
    ) async throws -> [(name: String, result: Result)] {
        let nodes = try pool.nodes
        return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for (index, node) in nodes.enumerated() {
                group.addTask { (index, try await work(node)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
                .sorted { $0.0 < $1.0 }
                .map { (nodes[$0].name, $1) }
        }
    }
}

extension Node {
    /// Sends a command that takes many keys and answers with a number, 500 keys at a time, and adds up the
    /// numbers.
    func total(_ command: String, of keys: some Sequence<String>) async throws -> Int {
        var total = 0
        var bite: [String] = []
        for key in keys {
            bite.append(key)
            guard bite.count == 500 else { continue }
            total += try await number(command, bite)
            bite.removeAll(keepingCapacity: true)
        }
        return bite.isEmpty ? total : total + (try await number(command, bite))
    }

    private func number(_ command: String, _ keys: [String]) async throws -> Int {
        let reply = try await send(idempotent: true, deadline: .after(.seconds(10))) { writer in
            writer.begin(1 + keys.count)
            writer.argument(command)
            for key in keys { writer.argument(key) }
        }
        return try reply.requireCount(atMost: keys.count, from: self)
    }
}

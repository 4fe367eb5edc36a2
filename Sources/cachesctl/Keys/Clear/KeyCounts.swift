import Caches
import CachesTerminal
import CachesTransport

/// How many keys each node has, whether they match a pattern or not.
struct KeyCounts: Sendable {
    /// Each node, and its number of keys or the error.
    let nodes: [(name: String, count: Result<Int, CachesError>)]

    /// Asks all nodes at once.
    init(of nodes: [Node]) async {
        let counts = await withTaskGroup(of: (Int, Result<Int, CachesError>).self) { group in
            for (index, node) in nodes.enumerated() {
                group.addTask { (index, await Self.count(on: node)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        self.nodes = counts.sorted { $0.0 < $1.0 }.map { (nodes[$0].name, $1) }
    }

    private static func count(on node: Node) async -> Result<Int, CachesError> {
        do {
            return .success(try await node.send("DBSIZE").requireNumber(.count, from: node))
        } catch {
            return .failure(error as? CachesError ?? CachesError(.closed, "\(error)", node: node.name))
        }
    }

    /// The number of keys on all nodes that answered.
    var total: Int { nodes.reduce(0) { $0 + ((try? $1.count.get()) ?? 0) } }

    /// How many nodes answered.
    var known: Int { nodes.count { (try? $0.count.get()) != nil } }

    /// The table.
    func lines(_ style: Style, width: Int?) -> [String] {
        var table = Table([.init("node", minimumWidth: 8, truncation: .middle), .init("keys", .right)])
        for (name, count) in nodes {
            switch count {
            case .success(let count): table.append([.init(name, .strong), .init(Figures.count(count))])
            case .failure(let error): table.append([.init(name, .strong), .init("\(error.code)", .bad)])
            }
        }
        return table.lines(style, width: width)
    }
}

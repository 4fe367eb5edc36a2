import CachesTransport

/// Finds the nodes that a connection's name stands for.
///
/// Making one checks that the nodes can be a pool: at least one, each with a unique name, a unique identity
/// and a weight in range, and no group that has the name of a node.
struct NodeDirectory: Sendable {
    /// The positions of nodes by the name of a node or a group.
    let positions: [String: [Int]]

    /// Every node's position.
    private let all: [Int]

    /// The known names, for errors.
    private let names: [String]
    private let groups: [String]

    init(_ nodes: [NodeConfiguration]) throws(CachesError) {
        guard !nodes.isEmpty else {
            throw CachesError(
                .configuration, "a pool needs at least one node, and none is configured.",
                advice:
                    "Give it a DSN such as redis://localhost:6379#main; one with replica-of= owns no keys.")
        }
        var byName = [String: [Int]]()
        var byIdentity = [String: Int]()
        for (position, node) in nodes.enumerated() {
            if let other = byName[node.name]?.first {
                throw ConfigurationFault(
                    "the name \(node.name) is that of the server in \(nodes[other].source) already.",
                    advice: "Give each server a name of its own after the '#' of its DSN."
                ).error(in: node.source)
            }
            if let other = byIdentity[node.identity] {
                throw ConfigurationFault(
                    "the identity \(node.identity) is that of the server in \(nodes[other].source) already."
                ).error(in: node.source)
            }
            guard NodeConfiguration.weights.contains(node.weight) else {
                throw NodeConfiguration.weightFault.error(in: node.source)
            }
            byName[node.name] = [position]
            byIdentity[node.identity] = position
        }
        var byGroup = [String: [Int]]()
        for (position, node) in nodes.enumerated() {
            guard let group = node.group else { continue }
            if let other = byName[group]?.first {
                throw ConfigurationFault(
                    "the group \(group) has the name of the server in \(nodes[other].source).",
                    advice: "Give one of them another name: a name stands for a server or for a group."
                ).error(in: node.source)
            }
            byGroup[group, default: []].append(position)
        }
        names = nodes.map(\.name)
        groups = byGroup.keys.sorted()
        all = Array(nodes.indices)
        positions = byName.merging(byGroup) { node, _ in node }
    }

    /// The positions of the nodes that a name stands for, in the order of the configuration; at least one.
    func nodes(connection: ConnectionName) throws(CachesError) -> [Int] {
        guard connection != .sharded else { return all }
        guard let found = positions[connection.name] else { throw unknown(connection) }
        return found
    }

    /// The error for a name that no node and no group has.
    func unknown(_ connection: ConnectionName) -> CachesError {
        let suggestion = Suggestion.suggestion(for: connection.name, among: names + groups)
        return CachesError(
            .configuration, "no server or group is called \(connection).",
            advice: (suggestion.map { "Did you mean \($0)? " } ?? "")
                + "The servers are \(names.joined(separator: ", "))"
                + (groups.isEmpty ? "." : "; the groups are \(groups.joined(separator: ", ")).")
                + " A server's name is the text after the '#' of its DSN.")
    }
}

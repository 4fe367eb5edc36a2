import CachesTransport

extension PoolConfiguration {
    /// Checks that the nodes can be a pool, and that each replica is a replica of one of its nodes.
    /// - Returns: The nodes by name. A replica's name stands for no node: it owns no keys.
    func directory() throws(CachesError) -> NodeDirectory {
        let directory = try NodeDirectory(nodes)
        var others = nodes
        for replica in replicas {
            if let other = others.first(where: { $0.name == replica.name }) {
                throw ConfigurationFault(
                    "the name \(replica.name) is that of the server in \(other.source) already.",
                    advice: "Give each server a name of its own after the '#' of its DSN."
                ).error(in: replica.source)
            }
            others.append(replica)
            guard let owner = replica.replicaOf, !nodes.contains(where: { $0.name == owner }) else {
                continue
            }
            let suggestion = Suggestion.suggestion(for: owner, among: nodes.map(\.name))
            throw ConfigurationFault(
                "it is a replica of \(owner), but no server that owns keys has this name.",
                advice: (suggestion.map { "Did you mean \($0)? " } ?? "")
                    + "The servers are \(nodes.map(\.name).joined(separator: ", "))."
            ).error(in: replica.source)
        }
        return directory
    }
}

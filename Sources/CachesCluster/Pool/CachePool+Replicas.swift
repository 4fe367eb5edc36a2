extension CachePool {
    /// The nearest replica of a node that is in; nil if there is none.
    package func replica(of node: Node) -> Node? {
        let configured = topology?.replicas[node.name] ?? []
        guard let found = node.deployment?.replicas(of: node) else { return Node.nearest(of: configured) }
        return Node.nearest(of: configured.isEmpty ? found : found + configured)
    }
}

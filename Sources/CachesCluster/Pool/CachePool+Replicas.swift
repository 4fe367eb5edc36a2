extension CachePool {
    /// A replica of a node that is in, any one; nil if there is none.
    package func replica(of node: Node) -> Node? {
        guard let replicas = topology?.replicas[node.name] else { return nil }
        return replicas.filter { !$0.isOut }.randomElement()
    }
}

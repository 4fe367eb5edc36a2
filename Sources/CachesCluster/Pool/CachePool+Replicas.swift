extension CachePool {
    /// A replica of a node that is in, the nearest; nil if there is none.
    package func replica(of node: Node) -> Node? {
        let replicas = node.isOfCluster ? node.cluster?.replicas(of: node) : topology?.replicas[node.name]
        return replicas.flatMap(Node.nearest)
    }
}

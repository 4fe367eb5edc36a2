extension CachePool {
    /// A replica of a node that is in, the nearest; nil if there is none.
    package func replica(of node: Node) -> Node? {
        if node.isOfCluster { return node.cluster?.replicas(of: node).flatMap(Node.nearest) }
        guard node.sentinels != nil else { return topology?.replicas[node.name].flatMap(Node.nearest) }
        return Node.nearest(of: node.foundReplicas + (topology?.replicas[node.name] ?? []))
    }
}

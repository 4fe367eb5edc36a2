import Caches

extension CachePool {
    /// A pool of its own for servers that the other tests keep busy.
    convenience init(patiently dsns: [String]) throws {
        var configuration = try PoolConfiguration(dsns: dsns)
        configuration.deadline = .seconds(60)
        for index in configuration.nodes.indices {
            configuration.nodes[index].connection.connectTimeout = .seconds(60)
            configuration.nodes[index].connection.stallTimeout = .seconds(60)
        }
        configuration.health.pingTimeout = .seconds(60)
        try self.init(configuration)
    }
}

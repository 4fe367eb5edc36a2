import CachesCluster
import CachesTransport

extension CachePool {
    /// A pool for servers that other tests keep busy.
    package convenience init(patiently dsns: [String], outagePolicy: OutagePolicy? = nil) throws {
        var configuration = try PoolConfiguration(dsns: dsns).patient
        configuration.outagePolicy = outagePolicy
        try self.init(configuration)
    }
}

extension PoolConfiguration {
    /// The same, for servers that other tests keep busy.
    package var patient: PoolConfiguration {
        var patient = self
        patient.deadline = .seconds(60)
        for index in nodes.indices {
            patient.nodes[index].connection.connectTimeout = .seconds(60)
            patient.nodes[index].connection.stallTimeout = .seconds(60)
        }
        patient.health.pingTimeout = .seconds(60)
        return patient
    }
}

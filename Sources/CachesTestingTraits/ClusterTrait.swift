public import CachesTesting
public import Testing

/// Gives a test, or each test of a suite, a private Redis Cluster: ``LocalCluster/current``.
///
/// ```swift
/// @Test(.cluster(masters: 3)) func follows() async throws {
///     let cluster = try #require(LocalCluster.current)
///     let pool = try CachePool([cluster.dsn])
///     try await cluster.failOver(cluster.master(ofSlot: 0))
/// }
/// ```
public typealias ClusterTrait = ServersTrait<LocalCluster>

extension Trait where Self == ClusterTrait {
    /// A cluster of servers that are all alike.
    ///
    /// See ``LocalCluster/start(masters:replicasPerMaster:options:endpoint:nodeTimeout:deadline:program:)``
    /// for the parameters; their defaults are the same.
    public static func cluster(
        masters: Int = 3, replicasPerMaster: Int = 1, options: LocalServer.Options = LocalServer.Options(),
        endpoint: LocalServer.ClusterEndpoint = .address, nodeTimeout: Duration = .seconds(2),
        deadline: Duration = .seconds(60)
    ) -> ClusterTrait {
        ClusterTrait { test in
            try await withLocalCluster(
                masters: masters, replicasPerMaster: replicasPerMaster, options: options, endpoint: endpoint,
                nodeTimeout: nodeTimeout, deadline: deadline
            ) { cluster in
                try await LocalCluster.$current.withValue(cluster, operation: test)
            }
        }
    }
}

extension LocalCluster {
    /// The cluster of the running test, as its ``ClusterTrait`` asked for; nil without one, and in detached
    /// tasks.
    @TaskLocal public static var current: LocalCluster?
}

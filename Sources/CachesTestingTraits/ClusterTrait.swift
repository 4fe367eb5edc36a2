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
///
/// The cluster starts before the test, and before each case of one with arguments, and ends with it however it
/// ends. A cluster that can't start is the test's failure.
public struct ClusterTrait: TestTrait, SuiteTrait, TestScoping {
    let masters: Int
    let replicasPerMaster: Int
    let options: LocalServer.Options
    let endpoint: LocalServer.ClusterEndpoint
    let nodeTimeout: Duration
    let deadline: Duration

    /// Each test of a suite has its own.
    public var isRecursive: Bool { true }

    @concurrent public func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withLocalCluster(
            masters: masters, replicasPerMaster: replicasPerMaster, options: options, endpoint: endpoint,
            nodeTimeout: nodeTimeout, deadline: deadline
        ) { cluster in
            try await LocalCluster.$current.withValue(cluster, operation: function)
        }
    }
}

extension Trait where Self == ClusterTrait {
    /// A cluster of servers that are all alike.
    ///
    /// See ``LocalCluster/start(masters:replicasPerMaster:options:endpoint:nodeTimeout:deadline:program:)`` for the
    /// parameters; their defaults are the same.
    public static func cluster(
        masters: Int = 3, replicasPerMaster: Int = 1, options: LocalServer.Options = LocalServer.Options(),
        endpoint: LocalServer.ClusterEndpoint = .address, nodeTimeout: Duration = .seconds(2),
        deadline: Duration = .seconds(60)
    ) -> ClusterTrait {
        ClusterTrait(
            masters: masters, replicasPerMaster: replicasPerMaster, options: options, endpoint: endpoint,
            nodeTimeout: nodeTimeout, deadline: deadline)
    }
}

extension LocalCluster {
    /// The cluster of the running test, as its ``ClusterTrait`` asked for; nil without one, and in detached tasks.
    @TaskLocal public static var current: LocalCluster?
}

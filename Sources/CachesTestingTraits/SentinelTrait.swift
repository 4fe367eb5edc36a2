public import CachesTesting
public import Testing

/// Gives a test, or each test of a suite, a private primary with replicas and Sentinels:
/// ``LocalSentinelGroup/current``.
///
/// ```swift
/// @Test(.sentinels()) func follows() async throws {
///     let group = try #require(LocalSentinelGroup.current)
///     let pool = try CachePool([group.dsn])
///     let master = try await group.master()
///     master.kill()
///     try await group.waitForFailover(from: master)
/// }
/// ```
public typealias SentinelTrait = ServersTrait<LocalSentinelGroup>

extension Trait where Self == SentinelTrait {
    /// A primary, its replicas and the Sentinels that watch them.
    ///
    /// - Parameters:
    ///   - options: its options. Default: two replicas and three Sentinels, over TCP.
    ///   - deadline: how long the start may take. Default 60 s, for machines that do much else at the same
    ///     time.
    public static func sentinels(
        _ options: LocalSentinelGroup.Options = LocalSentinelGroup.Options(),
        deadline: Duration = .seconds(60)
    ) -> SentinelTrait {
        SentinelTrait { test in
            try await withLocalSentinelGroup(options, deadline: deadline) { group in
                try await LocalSentinelGroup.$current.withValue(group, operation: test)
            }
        }
    }
}

extension LocalSentinelGroup {
    /// The group of the running test, as its ``SentinelTrait`` asked for; nil without one, and in detached
    /// tasks.
    @TaskLocal public static var current: LocalSentinelGroup?
}

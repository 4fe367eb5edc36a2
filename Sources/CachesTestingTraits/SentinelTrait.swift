public import CachesTesting
public import Testing

/// Gives a test, or each test of a suite, a private primary with replicas and Sentinels: ``LocalSentinelGroup/current``.
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
///
/// The group starts before the test, and before each case of one with arguments, and ends with it however it ends. A
/// group that can't start is the test's failure.
public struct SentinelTrait: TestTrait, SuiteTrait, TestScoping {
    let options: LocalSentinelGroup.Options
    let deadline: Duration

    /// Each test of a suite has its own.
    public var isRecursive: Bool { true }

    @concurrent public func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withLocalSentinelGroup(options, deadline: deadline) { group in
            try await LocalSentinelGroup.$current.withValue(group, operation: function)
        }
    }
}

extension Trait where Self == SentinelTrait {
    /// A primary, its replicas and the Sentinels that watch them.
    ///
    /// - Parameters:
    ///   - options: what it is like. Default: two replicas and three Sentinels, over TCP.
    ///   - deadline: how long the start may take. Default 60 s, for machines that do much else at the same time.
    public static func sentinels(
        _ options: LocalSentinelGroup.Options = LocalSentinelGroup.Options(),
        deadline: Duration = .seconds(60)
    ) -> SentinelTrait {
        SentinelTrait(options: options, deadline: deadline)
    }
}

extension LocalSentinelGroup {
    /// The group of the running test, as its ``SentinelTrait`` asked for; nil without one, and in detached tasks.
    @TaskLocal public static var current: LocalSentinelGroup?
}

public import Testing

/// Gives a test, or each test of a suite, private servers: ``FleetTrait``, ``ClusterTrait`` and
/// ``SentinelTrait``.
///
/// They start before the test, and before each case of one with arguments, and end with it however it ends.
/// Servers that can't start are the test's failure.
public struct ServersTrait<Servers: Sendable>: TestTrait, SuiteTrait, TestScoping {
    /// Starts the servers, carries out a test with them, and stops them.
    typealias Scope =
        @concurrent @Sendable (
            _ test: @concurrent @Sendable () async throws -> Void
        ) async throws -> Void

    private let withServers: Scope

    init(_ withServers: @escaping Scope) { self.withServers = withServers }

    /// Each test of a suite has its own.
    public var isRecursive: Bool { true }

    @concurrent public func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withServers(function)
    }
}

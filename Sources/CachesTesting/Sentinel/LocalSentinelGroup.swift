/// A master, its replicas, and the sentinels that watch them: real processes, for tests of failovers.
///
/// ```swift
/// try await withLocalSentinelGroup { group in
///     let pool = try CachePool([group.dsn])
///     let master = try await group.master()
///     master.pause()
///     print(try await group.waitForFailover(from: master).length)
///     // what did the application do meanwhile?
/// }
/// ```
///
/// All of ``LocalFleet`` holds here, too: loopback alone, no port that another takes, one private folder, and
/// nothing outlives the group.
public final class LocalSentinelGroup: Sendable {
    /// The master as the group started, then its replicas.
    public let servers: [LocalServer]

    /// The sentinels.
    public let sentinels: [LocalServer]

    /// The group's options.
    public let options: Options

    /// The certificates in use, nil without TLS.
    public let certificates: TestCertificates?

    let supervisor: Supervisor

    init(
        _ options: Options, servers: [LocalServer], sentinels: [LocalServer],
        certificates: TestCertificates?, supervisor: Supervisor
    ) {
        self.options = options
        self.servers = servers
        self.sentinels = sentinels
        self.certificates = certificates
        self.supervisor = supervisor
    }

    /// The DSN of the whole: `redis+sentinel://` and all sentinels, or `rediss+sentinel://`.
    public var dsn: String { dsn(of: sentinels) }

    /// The same by way of some sentinels only.
    public func dsn(of sentinels: [LocalServer]) -> String {
        SentinelDSN.text(options, ports: sentinels.map { $0.port ?? 0 }, certificates: certificates)
    }

    /// Kills every process and removes the folder; returns when that is done. Harmless when repeated.
    public func stop() async {
        await blocking { () throws(Never) in
            self.supervisor.stop()
            for server in self.servers + self.sentinels { server.hasStopped() }
        }
    }
}

/// Starts a group, calls `body`, and stops the group however `body` ends.
///
/// See ``LocalSentinelGroup/start(_:deadline:program:)`` for the parameters and errors.
public func withLocalSentinelGroup<Result>(
    _ options: LocalSentinelGroup.Options = LocalSentinelGroup.Options(), deadline: Duration = .seconds(60),
    _ body: (LocalSentinelGroup) async throws -> Result
) async throws -> Result {
    let group = try await LocalSentinelGroup.start(options, deadline: deadline)
    return try await running(group, body)
}

extension LocalSentinelGroup: Stoppable {}

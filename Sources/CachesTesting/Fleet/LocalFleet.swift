/// A private fleet of real `redis-server` processes (or `valkey-server`, where only that is installed), for
/// tests and demonstrations.
///
/// ```swift
/// try await withLocalFleet(nodes: 3) { fleet in
///     let pool = try CachePool(fleet.dsns)
///     fleet.servers[1].kill()
///     // what does the application do now?
/// }
/// ```
///
/// The servers listen on loopback addresses and keep all they write in one temporary folder, which only the
/// user can enter. They end, and the folder goes, with the fleet: by ``stop()``, when the last reference to
/// the fleet and its servers has gone, or when the process ends, however it ends. Any number of fleets may
/// run at the same time, in any number of processes: they share nothing, and never a port.
public final class LocalFleet: Sendable {
    /// The servers, in the order asked for.
    public let servers: [LocalServer]

    /// The certificates in use, nil if no server speaks TLS.
    public let certificates: TestCertificates?

    let supervisor: Supervisor

    private init(servers: [LocalServer], certificates: TestCertificates?, supervisor: Supervisor) {
        self.servers = servers
        self.certificates = certificates
        self.supervisor = supervisor
    }

    /// Starts `nodes` servers that are all alike, and returns when each answers.
    ///
    /// - Parameters:
    ///   - nodes: how many, 0 or more.
    ///   - options: the options of each. A name becomes the name's stem: `a` gives `a1`, `a2`, …
    ///   - deadline: how long it may take in all. Default 60 s, for machines that do much else at the same
    ///     time; a quiet one takes a tenth of a second. It begins when the fleet's turn has come: as many
    ///     fleets of a process start at a time as the machine has cores.
    ///   - program: the absolute path of the server program. nil: the first `redis-server` found, or else
    ///     the first `valkey-server`.
    /// - Throws: ``FleetError`` if no server program is installed, one doesn't start (with the end of its
    ///   log), or the deadline passes; `CancellationError` if the task is cancelled. Nothing is left behind.
    public static func start(
        nodes: Int, options: LocalServer.Options = LocalServer.Options(), deadline: Duration = .seconds(60),
        program: String? = nil
    ) async throws -> LocalFleet {
        try await start(options.repeated(nodes), deadline: deadline, program: program)
    }

    /// Starts a server for each of the options, all at once, and returns when each answers.
    ///
    /// See ``start(nodes:options:deadline:program:)`` for the rest.
    public static func start(
        _ nodes: [LocalServer.Options], deadline: Duration = .seconds(60), program: String? = nil
    ) async throws -> LocalFleet {
        try await blocking(within: deadline) { patience in
            let supervisor = try Supervisor(server: program ?? ServerBinary.find())
            do {
                let usesTLS = nodes.contains { if case .tls = $0.transport { true } else { false } }
                let certificates = usesTLS ? try TestCertificates(supervisor: supervisor) : nil
                let servers = try nodes.enumerated().map { index, options in
                    try LocalServer(
                        options, position: index + 1, supervisor: supervisor, certificates: certificates)
                }
                // All of them start before any is waited for.
                for server in servers { try server.start() }
                for server in servers { try server.waitUntilReady(patience) }
                return LocalFleet(servers: servers, certificates: certificates, supervisor: supervisor)
            } catch {
                supervisor.stop()
                throw error
            }
        }
    }

    /// The servers' DSNs, in order.
    public var dsns: [String] { servers.map(\.dsn) }

    /// The DSNs as environment variables for another process: `CACHES_DSN_1`, `CACHES_DSN_2`, …
    public var environment: [String: String] {
        Dictionary(uniqueKeysWithValues: dsns.enumerated().map { ("CACHES_DSN_\($0 + 1)", $1) })
    }

    /// The server with a name, nil if there is none.
    public subscript(name: String) -> LocalServer? { servers.first { $0.name == name } }

    /// Kills every server and removes the folder; returns when that is done. Harmless when repeated.
    public func stop() async {
        await blocking { () throws(Never) in
            self.supervisor.stop()
            for server in self.servers { server.hasStopped() }
        }
    }
}

/// Starts a fleet of servers that are all alike, calls `body`, and stops the fleet however `body` ends.
///
/// The fleet surely lives until `body` ends, which a fleet in a variable need not: Swift may release it after
/// its last use.
///
/// See ``LocalFleet/start(nodes:options:deadline:program:)`` for the parameters and errors.
public func withLocalFleet<Result>(
    nodes: Int, options: LocalServer.Options = LocalServer.Options(), deadline: Duration = .seconds(60),
    _ body: (LocalFleet) async throws -> Result
) async throws -> Result {
    try await running(LocalFleet.start(nodes: nodes, options: options, deadline: deadline), body)
}

/// Starts a fleet of a server for each of the options, calls `body`, and stops the fleet however `body` ends.
public func withLocalFleet<Result>(
    _ nodes: [LocalServer.Options], deadline: Duration = .seconds(60),
    _ body: (LocalFleet) async throws -> Result
) async throws -> Result {
    try await running(LocalFleet.start(nodes, deadline: deadline), body)
}

extension LocalFleet: Stoppable {}

import Caches
import CachesTesting
import CachesTransport
import Testing

/// The real servers that the same test bodies run on, started when the first test needs them and ended with
/// the process. Tests share them: each uses prefixes of its own.
///
/// On one server, on three, on the cluster and with Sentinels the tests are a user with only the rights that
/// the library needs; the other servers accept anyone.
enum Servers: String, CaseIterable, Sendable {
    case one = "one server"
    case oneTLS = "one server over TLS"
    case three = "three servers"
    case threeTLS = "three servers over TLS"
    /// The caches of a test then use ``connection``; two more servers are not members of the group.
    case group = "a group of three servers"
    /// Three masters and their replicas.
    case clusterTLS = "a cluster over TLS"
    /// A primary and its replica, which are found by Sentinels.
    case sentinels = "what Sentinels watch"

    /// Three servers suffice where keys have to be spread.
    static let many: [Servers] = [.three, .threeTLS]

    /// One server, a ring, a group, a cluster and Sentinels: each operation of a class has to work on all of
    /// them.
    static let kinds: [Servers] = [.one, .three, .group, .clusterTLS, .sentinels]

    /// The nodes that keys are on.
    var connection: ConnectionName { self == .group ? "g" : .sharded }

    /// The nodes that the keys of the test that runs are on.
    @TaskLocal static var connection = ConnectionName.sharded

    struct Running: Sendable {
        let fleet: any SharedServers
        let pool: CachePool
    }

    private static let running: [Servers: Task<Running, any Error>] = Dictionary(
        uniqueKeysWithValues: allCases.map { servers in
            (
                servers,
                Task {
                    WatchedLog.begin
                    let fleet = try await servers.start()
                    var configuration = try PoolConfiguration(dsns: fleet.dsns)
                    // Nothing here tests the default, and a busy machine may need longer than that.
                    configuration.deadline = .seconds(20)
                    for index in configuration.nodes.indices {
                        configuration.nodes[index].connection.connectTimeout = .seconds(20)
                    }
                    return Running(fleet: fleet, pool: try CachePool(configuration))
                }
            )
        })

    private func start() async throws -> any SharedServers {
        if self == .sentinels {
            return try await LocalSentinelGroup.start(
                LocalSentinelGroup.Options(
                    server: LocalServer.Options(access: LeastPrivilege.access), replicas: 1,
                    sentinelAccess: .password("Plugh-1906"), downAfter: .seconds(60)))
        }
        guard self == .clusterTLS else { return try await LocalFleet.start(options) }
        // No node fails over while a busy machine stalls.
        return try await LocalCluster.start(
            options: LocalServer.Options(transport: .tls(), access: LeastPrivilege.access),
            nodeTimeout: .seconds(60))
    }

    private var options: [LocalServer.Options] {
        let names: [String] =
            switch self {
            case .one, .oneTLS: ["redis1"]
            case .three, .threeTLS: ["redis1", "redis2", "redis3"]
            case .group: ["g/a", "g/b", "g/c", "other1", "other2"]
            case .clusterTLS, .sentinels: []
            }
        let transport: LocalServer.Transport = self == .oneTLS || self == .threeTLS ? .tls() : .tcp
        let access = self == .one || self == .three ? LeastPrivilege.access : .open
        return names.map { LocalServer.Options(name: $0, transport: transport, access: access) }
    }

    /// The servers' fleet and a pool over all of them.
    var running: Running {
        get async throws { try await Servers.running[self]!.value }
    }

    /// Runs a test with these servers as the task's pool.
    func run(_ test: (any SharedServers) async throws -> Void) async throws {
        let running = try await running
        try await Servers.$connection.withValue(connection) {
            try await CachePool.$current.withValue(running.pool) { try await test(running.fleet) }
            #expect(SecretWatch.found == [])
        }
    }
}

/// Servers that many tests share.
protocol SharedServers: Sendable {
    var servers: [LocalServer] { get }
    var dsns: [String] { get }
}

extension LocalFleet: SharedServers {}

extension LocalCluster: SharedServers {
    var dsns: [String] { [dsn] }
}

extension LocalSentinelGroup: SharedServers {
    var dsns: [String] { [dsn] }
}

extension SharedServers {
    /// Sends one command to the server that owns a key, past the library.
    func command(
        on key: CacheKey, connection: ConnectionName? = nil, _ words: String...
    ) async throws -> ServerReply {
        let connection = connection ?? Servers.connection
        let pool = try #require(CachePool.current)
        try await pool.discover()
        let node = try pool.node(for: key.text, connection: connection)
        // Only its connection knows which of several it is.
        if node.knownPrimary == nil, case .sentinel = node.configuration.deployment {
            _ = try await node.send("PING")
        }
        let owner = node.knownPrimary ?? node.configuration.connection.endpoint
        let server = servers.first { server in
            switch owner {
            case .tcp(_, let port): server.port == port
            case .unix(let path): server.socketPath == path
            }
        }
        return try await #require(server).command(words)
    }
}

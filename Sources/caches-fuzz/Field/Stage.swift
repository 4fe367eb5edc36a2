import Caches
import CachesTesting
import Logging

/// The hostile servers of a round, and a pool that uses them.
final class Stage: Sendable {
    let plan: RoundPlan
    let liar: Liar
    let dsns: [String]
    /// The DSN of a server that the pool does not use at first.
    let spare: String
    let pool: CachePool

    private let servers: [HostileServer]
    private let logger: Logger

    /// How many databases of the real server a round uses.
    static let databases = 3

    /// - Parameters:
    ///   - server: The real server that knows the truth.
    ///   - database: The first of the databases there that the round uses.
    init(_ plan: RoundPlan, liar: Liar, judge: Judge, before server: LocalServer, database: Int) throws {
        self.plan = plan
        self.liar = liar
        servers = try (0..<Self.databases).map { index in
            try HostileServer(before: server, database: database + index) { command in
                liar.answer(command, by: index)
            }
        }
        switch plan.arrangement {
        case .one:
            dsns = [servers[0].dsn(password: Judge.secret, name: "one")]
        case .two:
            dsns = [
                servers[0].dsn(password: Judge.secret, name: "one"),
                servers[1].dsn(password: Judge.secret, name: "two"),
            ]
        case .cluster:
            HostileServer.formCluster(Array(servers[..<2]))
            dsns = [servers[0].dsn(scheme: "redis+cluster", password: Judge.secret, name: "cluster")]
        case .sentinel:
            servers[1].watch(over: servers[0])
            dsns = [servers[1].sentinelDSN(password: Judge.secret, name: "watched")]
        }
        spare = servers[2].dsn(password: Judge.secret, name: "spare")
        var logger = Logger(label: "fuzz") { _ in JudgingLog(judge: judge) }
        logger.logLevel = .trace
        self.logger = logger
        pool = try Self.pool(plan, dsns, logger)
    }

    /// Makes another pool of the same servers.
    func anotherPool() throws -> CachePool { try Self.pool(plan, dsns, logger) }

    private static func pool(_ plan: RoundPlan, _ dsns: [String], _ logger: Logger) throws -> CachePool {
        var configuration = try PoolConfiguration(dsns: dsns)
        adjust(&configuration, plan)
        return try CachePool(configuration, logger: logger)
    }

    /// Sets the options of the round.
    func adjust(_ configuration: inout PoolConfiguration) { Self.adjust(&configuration, plan) }

    private static func adjust(_ configuration: inout PoolConfiguration, _ plan: RoundPlan) {
        configuration.deadline = .milliseconds(plan.deadline)
        // Nodes that are out return soon, so that they do so within a round.
        configuration.health.pingInterval = .milliseconds(200)
        configuration.health.pingTimeout = .milliseconds(100)
        configuration.health.firstRetry = .milliseconds(10)
        configuration.health.retryCap = .milliseconds(100)
        configuration.health.successesToReturn = 2
        configuration.outagePolicy = [.gutter(), .fail, .miss, nil][min(plan.policy, 3)]
        for index in configuration.nodes.indices {
            configuration.nodes[index].connection.maximumReplyBytes = 2 << 20
            configuration.nodes[index].connection.connectTimeout = .milliseconds(500)
            configuration.nodes[index].refreshInterval = .seconds(1)
        }
    }

    /// Closes the pool and the servers.
    func end() async {
        await pool.close(deadline: .after(.milliseconds(500)))
        for server in servers { server.stop() }
    }
}

import ArgumentParser
import Caches
import CachesTerminal
import CachesTesting
import CachesTransport
import Foundation

/// Measures this library, and others on the same servers.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measures the cost of calls of this library and of other clients, on the same real servers.",
        discussion: """
            The main figure is the client's time on the processor for one operation, as a multiple of the time of \
            hiredis in C in the same run; over TLS, of the time of the same client without TLS. The times vary \
            with the machine and its load; ratios within a run hardly vary.
            """,
        subcommands: [Compare.self, Scale.self, Hostile.self], defaultSubcommand: Compare.self)
}

struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares clients, one kind of work after the other. The default.")

    @Option(help: "How many rounds; the median counts.")
    var rounds = 5

    @Option(help: "How long each client works in each round, in milliseconds.")
    var slice = 250

    @Option(help: "Only work whose name contains this text.")
    var only: String?

    @Option(
        help: "Only clients whose name contains this text, and those that they are compared with.")
    var clients: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Also redis-benchmark and, if ./dev/peers --clients has installed them, clients for Python.")
    var peers = true

    @Option(help: "Writes all figures to a file, as JSON.")
    var json: String?

    @Option(help: "Writes the ratios to a file, as a chart.")
    var svg: String?

    func run() async throws {
        let plain = (0..<3).map { _ in LocalServer.Options() }
        let tls = (0..<3).map { _ in LocalServer.Options(transport: .tls()) }
        try await withLocalFleet(plain + tls) { fleet in
            for server in fleet.servers { try await fill(server) }
            try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .seconds(60)) { cluster in
                try await withLocalCluster(
                    replicasPerMaster: 0, options: .init(transport: .tls()), nodeTimeout: .seconds(60)
                ) { secureCluster in
                    let clusters = try [cluster, secureCluster].map { try CachePool([patient($0.dsn)]) }
                    for pool in clusters { try await fill(pool) }
                    try await compare(entries(fleet, clusters))
                }
            }
        }
    }

    private func compare(_ entries: [Comparison.Entry]) async throws {
        let console = Console.standardError(.never, environment: ProcessInfo.processInfo.environment)
        let rows = try await Comparison(
            entries: chosen(entries), works: Work.allCases.filter { only.map($0.name.contains) ?? true },
            rounds: max(1, rounds), slice: .milliseconds(slice)
        ).run { console.transient($0) }
        console.line()
        let style = Style(.never, isTerminal: false, environment: [:])
        for line in rows.table().lines(style) { print(line) }
        if let json {
            try Data(JSONText.pretty(rows.map(Line.init)).utf8).write(to: URL(filePath: json))
        }
        if let svg { try rows.chart(rounds: rounds).write(to: svg) }
    }

    private func chosen(_ entries: [Comparison.Entry]) -> [Comparison.Entry] {
        guard let clients else { return entries }
        let wanted = entries.filter { $0.contender.name.contains(clients) }
        let names = Set(wanted.flatMap { [$0.contender.name, $0.yardstick] })
        return entries.filter { names.contains($0.contender.name) }
    }

    private func entries(_ fleet: LocalFleet, _ clusters: [CachePool]) throws -> [Comparison.Entry] {
        let patient = fleet.dsns.map(patient)
        let pool = try CachePool(Array(patient[..<3]))
        let oneNode = try CachePool([patient[0]])
        let securePool = try CachePool(Array(patient[3...]))
        guard let port = fleet.servers[0].port else { throw BenchFailure("the server has no port") }
        var entries: [Comparison.Entry] = [.init(HiredisContender(port: port))]
        for executor in [Executor.pool, .loop] {
            let connection = try ConnectionContender("connection", patient[0], executor)
            entries.append(.init(connection) { Budgets.budget(.connection, executor, $0) })
            entries.append(
                .init(
                    try ConnectionContender("connection over TLS", patient[3], executor),
                    against: connection.name
                ) { Budgets.overTLS(executor, $0) })
            let cache = CacheContender("Cache on a ring of 3", pool, executor)
            entries.append(.init(cache) { Budgets.budget(.cache, executor, $0) })
            entries.append(
                .init(
                    CacheContender("Cache on a ring of 3 over TLS", securePool, executor), against: cache.name
                ) {
                    Budgets.overTLS(executor, $0)
                })
            let secureCache = "Cache on a ring of 3 over TLS, \(executor.rawValue)"
            for (name, pool, yardstick) in [
                ("Cache on a cluster of 3", clusters[0], cache.name),
                ("Cache on a cluster of 3 over TLS", clusters[1], secureCache),
            ] {
                entries.append(.init(CacheContender(name, pool, executor), against: yardstick) { _ in 1.05 })
            }
            entries.append(
                .init(CacheContender("Cache on one node", oneNode, executor)) {
                    Budgets.budget(.oneNode, executor, $0)
                })
        }
        guard peers else { return entries }
        entries.append(.init(RedisBenchmarkContender(port: port)))
        // dev/bench sets these.
        let environment = ProcessInfo.processInfo.environment
        guard let python = environment["CACHES_BENCH_PYTHON"], let script = environment["CACHES_BENCH_PEERS"],
            FileManager.default.isExecutableFile(atPath: python)
        else {
            print("without clients for Python: ./dev/peers --clients installs them")
            return entries
        }
        for (client, name) in [
            ("redis-py", "redis-py with hiredis"), ("valkey-glide", "valkey-glide for Python"),
        ] {
            entries.append(
                .init(PythonContender(name: name, client: client, python: python, script: script, port: port))
            )
        }
        return entries
    }

    private func fill(_ pool: CachePool) async throws {
        try await ProfileCache.setMany((0..<Work.keys).map { ($0 + Work.firstKey, Work.value) }, on: pool)
        try await LargeCache.setMany(
            (0..<Work.largeKeys).map { ($0 + Work.firstKey, Work.largeValue) }, on: pool)
    }

    private func fill(_ server: LocalServer) async throws {
        for number in 0..<Work.keys {
            try await server.command("SET", ProfileCache.key(number + Work.firstKey).text, Work.value)
        }
        for number in 0..<Work.largeKeys {
            try await server.command("SET", LargeCache.key(number + Work.firstKey).text, Work.largeValue)
        }
    }
}

/// The DSN with a timeout of 60 s, since the machine may be busy.
func patient(_ dsn: String) -> String {
    guard let mark = dsn.firstIndex(of: "#") else { return dsn }
    return dsn[..<mark] + (dsn.contains("?") ? "&" : "?") + "timeout=60s" + dsn[mark...]
}

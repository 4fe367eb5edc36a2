import Caches
import CachesCluster
import CachesTesting
import CachesTransport
import Logging

/// The main job, act by act.
struct Demo: Sendable {
    let workload: DemoWorkload
    let pool: CachePool
    /// The demo's own servers; nil if it works on the user's.
    let fleet: LocalFleet?
    let stage: Stage
    /// The keys that may have been written so far.
    let extent = WrittenKeys()

    /// Runs the demo on the servers that `environment` names, or on a private fleet if it names none, and
    /// leaves nothing behind.
    static func run(
        _ workload: DemoWorkload, environment: [String: String], on stage: Stage
    ) async throws -> Summary {
        // An empty variable counts as unset, as it does for the pool.
        let isConfigured = environment.contains { $0.key.hasPrefix("CACHES_DSN") && !$0.value.isEmpty }
        guard !isConfigured else {
            let configuration = try PoolConfiguration(forToolBy: environment)
            let pool = try CachePool(configuration, logger: .silent)
            return try await Demo(workload: workload, pool: pool, fleet: nil, stage: stage).perform()
        }
        return try await withLocalFleet([
            .init(name: "a"), .init(name: "b", transport: .tls()), .init(name: "c", transport: .unix),
        ]) { fleet in
            let options = environment.filter { $0.key == "CACHES_POOL" }
            let configuration = try PoolConfiguration(
                environment: fleet.environment.merging(options) { dsn, _ in dsn })
            let pool = try CachePool(configuration, logger: .silent)
            return try await Demo(workload: workload, pool: pool, fleet: fleet, stage: stage).perform()
        }
    }

    private func perform() async throws -> Summary {
        let run = DemoRun(prefix: workload.prefix, pinned: ConnectionName(try pool.nodes[0].name))
        return try await CachePool.$current.withValue(pool) {
            try await DemoRun.$current.withValue(run) { try await performAndCleanUp() }
        }
    }

    private func performAndCleanUp() async throws -> Summary {
        var summary = Summary(
            keys: workload.keys, nodes: try pool.nodes.count, wrong: workload.keys,
            gets: Measurement(tally: Tally(), elapsed: .zero))
        do {
            try await acts(&summary)
            try await cleanUp()
        } catch {
            // The keys of a private fleet end with it, and one of its servers may be down now.
            // The clean-up has its own task, as this one may have been cancelled.
            if fleet == nil { try? await Task { try await cleanUp() }.value }
            summary.failure = error
        }
        await pool.close()
        return summary
    }

    private func acts(_ summary: inout Summary) async throws {
        try await introduce()
        let sets = try await fill()
        try await spread()
        let gets = try await readBack()
        (summary.gets, summary.wrong) = (gets, gets.tally.notRight)
        summary.wrong += try await useNamedConnection()
        if let server = fleet?.servers[1] {
            summary.wrong += try await outage(of: server)
            summary.wrong += try await comeback(of: server)
        }
        showFigures(sets: sets, gets: gets)
    }
}

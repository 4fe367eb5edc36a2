import Caches
import CachesTesting
import TestSupport
import Testing

/// A cluster over TLS that changes while sixty tasks write, read and count on it.
@Suite("A cluster under load", .serialized)
struct ClusterUnderLoadTests {
    private func withLoad(
        nodeTimeout: Duration, _ body: (LocalCluster, VersionLoad) async throws -> Void
    ) async throws {
        let options = LocalServer.Options(
            transport: .tls(), lines: ["cluster-allow-replica-migration no"])
        try await withLocalCluster(options: options, nodeTimeout: nodeTimeout) { cluster in
            var configuration = try PoolConfiguration(dsns: [cluster.dsn]).patient
            // The default: a call that waits for longer has given up.
            configuration.deadline = .seconds(1)
            let pool = try CachePool(configuration)
            let load = VersionLoad(pool, keys: 60)
            do {
                try await body(cluster, load)
                await pool.close()
            } catch {
                await pool.close()
                throw error
            }
        }
    }

    @Test("4 000 slots move to another server: no call fails, and no answer is wrong")
    func reshard() async throws {
        let options = LocalServer.Options(transport: .tls(), lines: ["cluster-allow-replica-migration no"])
        try await withLocalCluster(
            replicasPerMaster: 0, options: options, nodeTimeout: .seconds(60)
        ) { cluster in
            let pool = try CachePool(PoolConfiguration(dsns: [cluster.dsn]).patient)
            let load = VersionLoad(pool, keys: 60)
            try await load.runs {
                try await load.advances(by: 1000)
                let servers = cluster.servers
                let slots = try await cluster.slots(of: servers[0]).flatMap(Array.init).prefix(4000)
                #expect(slots.count == 4000)
                let start = ContinuousClock.now
                try await cluster.migrate(slots, from: servers[0], to: servers[1])
                print("4 000 slots moved in \(ContinuousClock.now - start), beside \(load.calls) calls")
                try await load.advances(by: 1000)
            }
            #expect(load.failures.isEmpty, "\(load.failures.prefix(3))")
            #expect(load.wrong.isEmpty, "\(load.wrong.prefix(3))")
            await pool.close()
        }
    }

    @Test("A planned failover: no answer is wrong, and calls fail while the servers change roles, if at all")
    func plannedFailover() async throws {
        try await withLoad(nodeTimeout: .seconds(60)) { cluster, load in
            var window = (start: ContinuousClock.now, end: ContinuousClock.now)
            try await load.runs {
                try await load.advances(by: 1000)
                let master = try await cluster.masters()[0]
                window.start = .now
                _ = try await cluster.failOver(master)
                window.end = .now
                try await load.advances(by: 1000)
            }
            report("planned failover", load, window, servers: window.end - window.start)
        }
    }

    @Test("A master is killed: no answer is wrong, and calls fail in the servers' own window alone")
    func death() async throws {
        try await withLoad(nodeTimeout: .seconds(3)) { cluster, load in
            var window = (start: ContinuousClock.now, end: ContinuousClock.now)
            var outage = Duration.zero
            try await load.runs {
                try await load.advances(by: 1000)
                let master = try await cluster.masters()[0]
                window.start = .now
                master.kill()
                outage = try await cluster.waitForFailover(of: master)
                window.end = .now
                try await load.advances(by: 3000)
            }
            report("death of a master", load, window, servers: outage)
            #expect(!load.failures.isEmpty, "nobody can serve its slots meanwhile")
        }
    }

    /// Expects the properties of each failover.
    private func report(
        _ what: String, _ load: VersionLoad,
        _ window: (start: ContinuousClock.Instant, end: ContinuousClock.Instant), servers: Duration
    ) {
        let (failures, calls) = (load.failures, load.calls)
        let last = failures.map { $0.time - window.start }.max() ?? .zero
        print(
            "\(what): \(calls) calls, \(failures.count) failed, the last after \(last); the servers took \(servers)"
        )
        // A replica is found within the second that lies between two questions at most, or later if the
        // machine is busy. A call that was not sent in time shows that this process did not get to run.
        let early = failures.filter { $0.time < window.start && $0.error.incident != .tooLate }
        #expect(early.isEmpty, "\(early.first.map { "\($0.error)" } ?? "")")
        #expect(failures.allSatisfy { $0.time <= window.end + .seconds(10) })
        let kinds: Set<CachesError.Code> = [
            .unreachable, .connectionLost, .timeout, .tls, .server("CLUSTERDOWN"), .server("TRYAGAIN"),
        ]
        #expect(failures.allSatisfy { kinds.contains($0.error.code) }, "\(failures.map(\.error.code))")
        // Writes that a master has acknowledged and not yet passed on to its replica are lost with it, as
        // Redis' documentation says of asynchronous replication: milliseconds' worth, or more if the replica
        // has to wait for a processor.
        let lost = load.wrong.filter { wrong in
            (wrong.found ?? 0) < wrong.expected.lowerBound && wrong.acknowledged <= window.end
                && wrong.acknowledged > window.start - .seconds(5)
        }
        let wrong = load.wrong.filter { wrong in
            !lost.contains { $0.time == wrong.time && $0.key == wrong.key }
        }
        print("\(what): \(lost.count) reads of what the servers themselves had lost")
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }
}

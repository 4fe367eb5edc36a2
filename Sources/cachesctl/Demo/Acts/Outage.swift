import Caches
import CachesCluster
import CachesTesting

extension Demo {
    /// Stops a server in the midst of reading all keys. The other nodes' keys have to stay readable, and the
    /// stopped one's have to fail without delay. Returns how many answers were wrong.
    func outage(of server: LocalServer) async throws -> Int {
        stage.begin("Outage", "\(server.name) is stopped while all keys are read")
        let progress = stage.progress(workload.keys)
        let tally: OutageTally = try await workload.forEachKey { index, tally in
            if try isKey(index, on: server) {
                try await tally.stopped.countGet(index, workload)
            } else {
                try await tally.others.countGet(index, workload)
            }
            if progress.advance() == max(1, workload.keys / 4) { server.kill() }
        }

        let others = tally.others
        stage.report(
            "the other nodes' \(Figures.count(others.right, "key")) were read right, "
                + "p99 \(others.latencies.text(\.p99))",
            isGood: others.notRight == 0)
        if let error = others.firstError { stage.remark(error.text) }

        let stopped = tally.stopped
        stage.report(
            "\(server.name)'s: \(Figures.count(stopped.right)) read before it stopped, "
                + "\(Figures.count(stopped.failed)) failed at once since: "
                + "p50 \(stopped.failureLatencies.text(\.p50)), slowest \(stopped.failureLatencies.text(\.slowest))",
            isGood: stopped.wrong + stopped.missing == 0)
        if let error = stopped.firstError { stage.remark(error.text) }
        return others.notRight + stopped.wrong + stopped.missing
    }

    /// Whether the placement gives the `index`-th key to `server`.
    func isKey(_ index: Int, on server: LocalServer) throws -> Bool {
        try pool.node(for: DemoCache(index).key.text).name == server.name
    }
}

/// What came of the stopped node's keys, and of all the others.
private struct OutageTally: Tallying {
    var stopped = Tally()
    var others = Tally()

    mutating func add(_ other: OutageTally) {
        stopped.add(other.stopped)
        others.add(other.others)
    }
}

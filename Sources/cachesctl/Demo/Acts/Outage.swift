import Caches
import CachesCluster
import CachesTerminal
import CachesTesting

extension Demo {
    /// Stops a server while all keys are read. The keys of the other nodes have to stay readable. Other nodes
    /// have to stand in for the stopped one: they have nothing at first, and then the values that are
    /// written. Returns how many answers were wrong.
    func outage(of server: LocalServer) async throws -> Int {
        stage.begin("Outage", "\(server.name) is stopped while all keys are read")
        let progress = stage.progress(workload.keys)
        let tally: OutageTally = try await workload.forEachKey { index, tally in
            if try isKey(index, on: server) {
                let missing = tally.stopped.missing
                try await tally.stopped.countGet(index, workload)
                if tally.stopped.missing > missing {
                    try await DemoCache(index).set(workload.value(index))
                    try await tally.stoodIn.countGet(index, workload)
                }
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

        let (stopped, stoodIn) = (tally.stopped, tally.stoodIn)
        stage.report(
            "\(server.name)'s: \(Figures.count(stopped.right)) read before it stopped, "
                + "\(Figures.count(stopped.missing)) missed since, written where others stand in, and "
                + "\(Figures.count(stoodIn.right)) read back right: p50 \(stoodIn.latencies.text(\.p50)), "
                + "slowest \(stoodIn.latencies.text(\.slowest))",
            isGood: stopped.wrong + stopped.failed + stoodIn.notRight == 0)
        if let error = stopped.firstError ?? stoodIn.firstError { stage.remark(error.text) }
        return others.notRight + stopped.wrong + stopped.failed + stoodIn.notRight
    }

    /// Whether the placement gives the `index`-th key to `server`.
    func isKey(_ index: Int, on server: LocalServer) throws -> Bool {
        try pool.node(for: DemoCache(index).key.text).name == server.name
    }
}

/// The reads of the stopped node's keys, of the same keys on stand-ins, and of all other keys.
private struct OutageTally: Tallying {
    var stopped = Tally()
    var stoodIn = Tally()
    var others = Tally()

    mutating func add(_ other: OutageTally) {
        stopped.add(other.stopped)
        stoodIn.add(other.stoodIn)
        others.add(other.others)
    }
}

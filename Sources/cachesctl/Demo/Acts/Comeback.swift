import Caches
import CachesCluster
import CachesTerminal
import CachesTesting
import CachesTransport

extension Demo {
    /// Starts the stopped server again and rewrites the keys that it lost. Returns how many reads were wrong.
    func comeback(of server: LocalServer) async throws -> Int {
        stage.begin("Return", "\(server.name) is started again, with nothing in memory")
        let start = ContinuousClock.now
        try await server.restart()
        let attempts = try await waitForAnswer(of: server)
        stage.report(
            "\(server.name) answers \(Figures.duration(ContinuousClock.now - start)) after it was started "
                + "(\(Figures.count(attempts, "attempt")))")

        let progress = stage.progress(workload.keys)
        let tally: ReturnTally = try await workload.forEachKey { index, tally in
            if try isKey(index, on: server) {
                try await tally.before.countGet(index, workload)
                try await DemoCache(index).set(workload.value(index))
                try await tally.after.countGet(index, workload)
            }
            progress.advance()
        }

        stage.report(
            "\(Figures.count(tally.before.missing, "key")) of \(server.name) missed, written again, and "
                + "\(Figures.count(tally.after.right)) read back right",
            isGood: tally.after.notRight == 0 && tally.before.wrong == 0)
        if let error = tally.before.firstError ?? tally.after.firstError { stage.remark(error.text) }
        return tally.before.wrong + tally.before.failed + tally.after.notRight
    }

    /// Asks until the node answers, for at most ten seconds. Returns the number of attempts.
    private func waitForAnswer(of server: LocalServer) async throws -> Int {
        let node = try pool.nodes(connection: ConnectionName(server.name))[0]
        let deadline = Deadline.after(.seconds(10))
        var attempts = 1
        while true {
            do {
                _ = try await node.send("PING", deadline: deadline)
                return attempts
            } catch let error as CachesError where deadline.hasPassed {
                throw error
            } catch is CachesError {
                attempts += 1
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}

/// The reads of a returned node's keys, before and after they were written again.
private struct ReturnTally: Tallying {
    var before = Tally()
    var after = Tally()

    mutating func add(_ other: ReturnTally) {
        before.add(other.before)
        after.add(other.after)
    }
}

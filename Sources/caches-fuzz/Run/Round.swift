import Caches
import CachesTesting
import Foundation

/// One round: a stage, and the calls on it, one after the other, or some at a time.
struct Round: Sendable {
    let plan: RoundPlan
    let ignored: Set<Failure.Kind>
    let watch: Watch
    let trace: FileHandle?
    let report: @Sendable (Failure) -> Void

    /// How long a round takes at most, since many calls may wait for their deadlines.
    private static let longest = Duration.seconds(6)

    /// - Returns: How many calls were made.
    func run(before server: LocalServer, database: Int) async throws -> Int {
        let databases = (0..<Stage.databases).flatMap { [["SELECT", "\(database + $0)"], ["FLUSHDB"]] }
        _ = try await server.commands(databases.map { $0.map { Array($0.utf8) } })
        let judge = Judge(ignoring: ignored)
        let liar = Liar(plan, trace: trace)
        let stage = try Stage(plan, liar: liar, judge: judge, before: server, database: database)
        let events = Task { for await event in stage.pool.events { judge.read("\(event)") } }

        var generator = SplitMix64(seed: RoundPlan.mixed(plan.seed &+ 1, UInt64(plan.number)))
        let begin = ContinuousClock.now
        var (call, count) = (0, 0)
        while call < RoundPlan.calls, ContinuousClock.now - begin < Self.longest {
            liar.begin(call)
            // Most calls run alone, so that a lie meets the same call each time.
            let width = Int.random(in: 0..<100, using: &generator) < 15 ? 4 : 1
            let operations = (0..<width).map { _ in
                (operation: Operation.any(using: &generator), seed: generator.next())
            }
            trace.map {
                try? $0.write(contentsOf: Data("call \(call): \(operations.map(\.operation.name))\n".utf8))
            }
            await withDiscardingTaskGroup { [call] group in
                for (operation, seed) in operations {
                    group.addTask {
                        await watch.run(operation, round: plan.number, call: call, liar: liar) {
                            do {
                                try await operation.run(Subject(stage: stage, judge: judge, seed: seed))
                            } catch {
                                judge.read(error)
                            }
                        }
                    }
                }
            }
            tell(judge, liar, call: call, operations.map(\.operation.name).joined(separator: " + "))
            call += 1
            count += width
        }
        await stage.end()
        events.cancel()
        tell(judge, liar, call: call, "closing")
        return count
    }

    private func tell(_ judge: Judge, _ liar: Liar, call: Int, _ operation: String) {
        for (kind, text) in judge.take() {
            report(
                Failure(
                    kind: kind, round: plan.number, call: call, operation: operation, text: text,
                    exchange: liar.exchanges.suffix(6).map(\.self)))
        }
    }
}

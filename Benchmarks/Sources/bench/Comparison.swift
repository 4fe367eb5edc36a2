import Caches
import CachesTerminal
import CachesTesting
import CachesTransport

/// Clients that do the same work on the same servers, in turns.
struct Comparison {
    /// One client's place in the comparison.
    struct Entry {
        let contender: any Contender
        /// The client that it is compared with.
        let yardstick: String
        let budget: (Work) -> Double?

        init(
            _ contender: any Contender, against yardstick: String = HiredisContender.yardstick,
            budget: @escaping (Work) -> Double? = { _ in nil }
        ) {
            self.contender = contender
            self.yardstick = yardstick
            self.budget = budget
        }
    }

    /// The results of one client and one work.
    struct Row {
        let work: Work
        let name: String
        let yardstick: String
        let budget: Double?
        /// The outcome of each round.
        var outcomes: [Outcome] = []
        /// The processor time of each round, as a multiple of that of the yardstick in the same round.
        var ratios: [Double] = []
        /// The median latency of each round, likewise.
        var latencyRatios: [Double] = []
    }

    let entries: [Entry]
    let works: [Work]
    let rounds: Int
    let slice: Duration

    /// Runs every client in every round, and reports each next step to `progress`.
    func run(_ progress: (String) -> Void) async throws -> [Row] {
        var all: [Row] = []
        for work in works {
            var rows: [String: Row] = [:]
            var counts: [String: Int] = [:]
            for entry in entries {
                progress("\(work.name): \(entry.contender.name), warming up")
                // The first run warms up; the second measures how many operations fit into a slice.
                guard try await entry.contender.run(work, work.fewOperations) != nil,
                    let trial = try await entry.contender.run(work, work.fewOperations)
                else { continue }
                let operations = trial.perSecond * (slice / .seconds(1))
                counts[entry.contender.name] = max(work.fewOperations, Int(operations))
                rows[entry.contender.name] = Row(
                    work: work, name: entry.contender.name, yardstick: entry.yardstick,
                    budget: entry.budget(work))
            }
            for round in 1...rounds {
                var outcomes: [String: Outcome] = [:]
                for entry in entries {
                    guard let count = counts[entry.contender.name] else { continue }
                    progress("\(work.name), round \(round) of \(rounds): \(entry.contender.name)")
                    outcomes[entry.contender.name] = try await entry.contender.run(work, count)
                }
                for (name, outcome) in outcomes {
                    rows[name]?.outcomes.append(outcome)
                    guard let yardstick = rows[name].flatMap({ outcomes[$0.yardstick] }) else { continue }
                    rows[name]?.ratios.append(outcome.microsecondsEach / yardstick.microsecondsEach)
                    rows[name]?.latencyRatios.append(outcome.latencies.p50 / yardstick.latencies.p50)
                }
            }
            all += entries.compactMap { rows[$0.contender.name] }
        }
        return all
    }
}

extension Comparison.Row {
    func median(_ value: (Outcome) -> Double) -> Double { outcomes.map(value).median }
    var ratio: Double? { ratios.isEmpty ? nil : ratios.median }
    var latencyRatio: Double? { latencyRatios.isEmpty ? nil : latencyRatios.median }
    /// The latencies of all rounds together.
    var latencies: Latencies { outcomes.reduce(into: Latencies()) { $0.add($1.latencies) } }
    var isOverBudget: Bool { if let ratio, let budget { ratio > budget } else { false } }
}

extension [Double] {
    /// The median; 0 if the array is empty.
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}

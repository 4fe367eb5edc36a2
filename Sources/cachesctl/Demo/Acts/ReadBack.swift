import Caches
import CachesTerminal

extension Demo {
    /// Reads every key and compares its value.
    func readBack() async throws -> Measurement {
        stage.begin("Read back", "every value is compared, DemoCache(i).get()")
        let progress = stage.progress(workload.keys)
        let start = ContinuousClock.now
        let tally: Tally = try await workload.forEachKey { index, tally in
            try await tally.countGet(index, workload)
            progress.advance()
        }
        let measurement = Measurement(tally: tally, elapsed: ContinuousClock.now - start)
        stage.report(
            "\(Figures.count(tally.right)) right, \(Figures.count(tally.wrong)) wrong, "
                + "\(Figures.count(tally.missing)) missing, \(Figures.count(tally.failed)) failed in "
                + "\(Figures.duration(measurement.elapsed)), "
                + "\(Figures.rate(tally.latencies.count, in: measurement.elapsed))/s",
            isGood: tally.notRight == 0)
        if let error = tally.firstError { stage.remark(error.text) }
        return measurement
    }
}

extension Tally {
    /// Reads the `index`-th key of a workload and counts whether its value is the one that was written.
    mutating func countGet(_ index: Int, _ workload: DemoWorkload) async throws {
        try await count {
            try await DemoCache(index).get()
        } isRight: {
            $0 == workload.value(index)
        }
    }
}

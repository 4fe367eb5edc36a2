import Caches
import CachesTerminal

extension Demo {
    /// Writes every key through ``DemoCache``. A write that fails ends the demo, since keys would be missing.
    func fill() async throws -> Measurement {
        stage.begin(
            "Fill",
            "\(Figures.count(workload.keys, "key")) of \(Figures.count(workload.valueBytes, "byte")), "
                + "\(Figures.count(workload.tasks, "task")), DemoCache(i).set(value)")
        let progress = stage.progress(workload.keys)
        let start = ContinuousClock.now
        let tally: Tally = try await workload.forEachKey { index, tally in
            let value = workload.value(index)
            extent.include(index)
            try await tally.count({ try await DemoCache(index).set(value) }, isRight: { true })
            if let error = tally.firstError { throw error }
            progress.advance()
        }
        let measurement = Measurement(tally: tally, elapsed: ContinuousClock.now - start)
        stage.report(
            "\(Figures.count(tally.right, "value")) written in \(Figures.duration(measurement.elapsed)), "
                + "\(Figures.rate(tally.right, in: measurement.elapsed))/s")
        return measurement
    }
}

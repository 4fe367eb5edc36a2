import CachesTerminal

extension Demo {
    /// Shows throughput and latencies of the fill and of the read-back.
    func showFigures(sets: Measurement, gets: Measurement) {
        stage.begin("Figures", "\(Figures.count(workload.tasks, "task")) at a time; percentiles within 1 %")
        var table = Table([
            .init(""), .init("calls", .right), .init("per second", .right), .init("p50", .right),
            .init("p99", .right), .init("p99.9", .right), .init("slowest", .right),
        ])
        for (name, measurement) in [("set", sets), ("get", gets)] {
            let latencies = measurement.tally.latencies
            table.append([
                .init(name, .strong), .init(Figures.count(latencies.count)),
                .init(Figures.rate(latencies.count, in: measurement.elapsed)), .init(latencies.text(\.p50)),
                .init(latencies.text(\.p99)), .init(latencies.text(\.p999)), .init(latencies.text(\.slowest)),
            ])
        }
        stage.draw { table.lines($0, width: $1) }
    }
}

import CachesTerminal

/// A row for the printed table, and as an object for programs.
struct Line: Encodable {
    var work: String
    var client: String
    var operationsPerSecond: Double
    var processorMicroseconds: Double
    var ratio: Double?
    var comparedWith: String
    var budget: Double?
    var p50Ratio: Double?
    var p50Microseconds: Double
    var p99Microseconds: Double
    var p999Microseconds: Double
    var allocations: Double?
    var peakMebibytes: Double?

    init(_ row: Comparison.Row) {
        let latencies = row.latencies
        work = row.work.name
        client = row.name
        operationsPerSecond = row.median(\.perSecond)
        processorMicroseconds = row.median(\.microsecondsEach)
        ratio = row.ratio
        comparedWith = row.yardstick
        budget = row.budget
        p50Ratio = row.latencyRatio
        p50Microseconds = latencies.p50 / .microseconds(1)
        p99Microseconds = latencies.p99 / .microseconds(1)
        p999Microseconds = latencies.p999 / .microseconds(1)
        allocations = row.outcomes.first?.allocationsEach.map { _ in row.median { $0.allocationsEach ?? 0 } }
        peakMebibytes = row.outcomes.compactMap(\.peakBytes).max().map { Double($0) / 1_048_576 }
    }
}

/// A number to two decimals.
func decimals(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}

extension [Comparison.Row] {
    func table() -> Table {
        var table = Table([
            .init("work"), .init("client"), .init("ops/s", .right), .init("CPU µs", .right),
            .init("ratio", .right), .init("budget", .right), .init("p50 ratio", .right), .init("p50", .right),
            .init("p99", .right), .init("p99.9", .right), .init("allocations", .right),
            .init("peak MiB", .right),
        ])
        for row in self {
            let line = Line(row)
            let latencies = row.latencies
            table.append([
                .init(line.work), .init(line.client), .init(Figures.count(Int(line.operationsPerSecond))),
                .init(decimals(line.processorMicroseconds)), .init(line.ratio.map(decimals) ?? ""),
                .init(row.budget.map { "≤ \(decimals($0))\(row.isOverBudget ? " !" : "")" } ?? ""),
                .init(line.p50Ratio.map(decimals) ?? ""), .init(Figures.duration(latencies.p50)),
                .init(Figures.duration(latencies.p99)), .init(Figures.duration(latencies.p999)),
                .init(line.allocations.map(decimals) ?? ""),
                .init(line.peakMebibytes.map { "\(Int($0.rounded()))" } ?? ""),
            ])
        }
        return table
    }

    /// The ratios of this library to hiredis in C.
    func chart(rounds: Int) -> SVGBarChart {
        let compared = filter {
            $0.yardstick == HiredisContender.yardstick && $0.name != HiredisContender.yardstick
        }
        var labels: [String] = []
        for row in compared where !labels.contains(row.work.name) { labels.append(row.work.name) }
        let names = [
            "connection, loop executor", "connection, default executor",
            "Cache on a ring of 3, default executor",
        ]
        return SVGBarChart(
            title: "Client CPU per operation, as a multiple of hiredis in C",
            subtitle: "medians of \(rounds) interleaved runs on the same servers; ./dev/bench --svg FILE",
            labels: labels,
            series: names.map { name in
                .init(
                    name: name,
                    values: labels.map { label in
                        compared.first { $0.name == name && $0.work.name == label }?.ratio
                    })
            }, written: decimals)
    }
}

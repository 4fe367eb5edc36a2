import CachesCluster
import CachesTerminal

extension BalanceReport {
    /// The shares as an image.
    var chart: SVGBarChart {
        var labels = before.nodes.map(\.node)
        for share in after?.shares.nodes ?? [] where !labels.contains(share.node) {
            labels.append(share.node)
        }
        func series(_ name: String, _ shares: Shares) -> SVGBarChart.Series {
            let peak = shares.peakToAverage.map { ", peak to average \(Figures.ratio($0))" } ?? ""
            return .init(
                name: name + peak,
                values: labels.map { label in
                    let keys = shares.nodes.first { $0.node == label }?.keys
                    return keys.map { Double($0) / Double(max(1, shares.total)) }
                })
        }
        let all =
            [series(after == nil ? "predicted" : "before", before)]
            + (after.map { [series("after", $0.shares)] } ?? [])
            + (live.map { [series("on the servers", $0)] } ?? [])
        var facts = "placement \(rule.rawValue)"
        if let after {
            if after.rule != rule { facts += ", then \(after.rule.rawValue)" }
            facts += "; \(Figures.share(after.moved, of: before.total)) of the keys change their node"
        } else if all.count == 1, let peak = before.peakToAverage {
            facts += ", peak to average \(Figures.ratio(peak))"
        }
        return SVGBarChart(title: "Share of the keys", subtitle: facts, labels: labels, series: all)
    }
}

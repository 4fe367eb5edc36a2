import Caches
import CachesTerminal

extension ClearReport {
    /// The table of nodes, and the sum.
    func lines(_ style: Style, width: Int?, elapsed: Duration) -> [String] {
        var table = Table([
            .init("node", minimumWidth: 8, truncation: .middle), .init("removed", .right), .init("state"),
        ])
        for outcome in nodes {
            table.append([
                .init(outcome.node, .strong), .init(Figures.count(outcome.removed)),
                outcome.error.map { .init("failed: \($0.code)", .bad) } ?? .init("cleared", .good),
            ])
        }
        let sum =
            "\(Figures.count(removed, "key")) removed in \(Figures.duration(elapsed)), "
            + "\(Figures.rate(removed, in: elapsed))/s"
        return table.lines(style, width: width) + ["", sum]
    }
}

/// A report as an object. Every key of it is always there.
struct ClearObject: Encodable {
    var pattern: String
    var report: ClearReport

    enum CodingKeys: String, CodingKey { case pattern, removed, nodes }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pattern, forKey: .pattern)
        try container.encode(report.removed, forKey: .removed)
        try container.encode(report.nodes.map(OutcomeObject.init), forKey: .nodes)
    }
}

private struct OutcomeObject: Encodable {
    var outcome: ClearReport.Outcome

    enum CodingKeys: String, CodingKey { case node, removed, error }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(outcome.node, forKey: .node)
        try container.encode(outcome.removed, forKey: .removed)
        try container.encode(outcome.error.map(FailureObject.init), forKey: .error)
    }
}

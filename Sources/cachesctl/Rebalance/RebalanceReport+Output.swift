import CachesCluster
import CachesTerminal
import CachesTransport

extension RebalanceReport {
    /// The table of nodes, the sum, and the meaning of its columns.
    func lines(_ style: Style, width: Int?, elapsed: Duration, isTrial: Bool) -> [String] {
        var table = Table([
            .init("node", minimumWidth: 8, truncation: .middle), .init(isTrial ? "to move" : "moved", .right),
            .init("kept", .right), .init("strays", .right), .init("unmovable", .right), .init("state"),
        ])
        for outcome in nodes {
            table.append([
                .init(outcome.node, .strong), .init(Figures.count(outcome.moved)),
                .init(Figures.count(outcome.kept)), .init(Figures.count(outcome.strays)),
                .init(Figures.count(outcome.unmovable)),
                outcome.error.map { .init("failed: \($0.code)", .bad) } ?? .init("done", .good),
            ])
        }
        var end = ["", sum(elapsed: elapsed, isTrial: isTrial)]
        if nodes.contains(where: { $0.kept > 0 }) {
            end.append("kept: the new server had a value already. It stays.")
        }
        if nodes.contains(where: { $0.strays > 0 }) {
            end.append("strays: keys that did not belong to that server before either; see --on. They stay.")
        }
        if nodes.contains(where: { $0.unmovable > 0 }) {
            end.append("unmovable: keys that are not text, or that the new server can't read. They stay.")
        }
        return table.lines(style, width: width) + end
    }

    private func sum(elapsed: Duration, isTrial: Bool) -> String {
        guard !isTrial else { return "\(Figures.count(moved, "key")) would be moved" }
        return "\(Figures.count(moved, "key")) moved in \(Figures.duration(elapsed)), "
            + "\(Figures.rate(moved, in: elapsed))/s"
    }
}

/// A report as an object. Every key of it is always there.
struct RebalanceObject: Encodable {
    var report: RebalanceReport
    var isTrial: Bool

    enum CodingKeys: String, CodingKey {
        case isTrial = "dry_run"
        case moved, nodes
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isTrial, forKey: .isTrial)
        try container.encode(report.moved, forKey: .moved)
        try container.encode(report.nodes.map(OutcomeObject.init), forKey: .nodes)
    }
}

private struct OutcomeObject: Encodable {
    var outcome: RebalanceReport.Outcome

    enum CodingKeys: String, CodingKey { case node, moved, kept, strays, unmovable, error }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(outcome.node, forKey: .node)
        try container.encode(outcome.moved, forKey: .moved)
        try container.encode(outcome.kept, forKey: .kept)
        try container.encode(outcome.strays, forKey: .strays)
        try container.encode(outcome.unmovable, forKey: .unmovable)
        try container.encode(outcome.error.map(FailureObject.init), forKey: .error)
    }
}

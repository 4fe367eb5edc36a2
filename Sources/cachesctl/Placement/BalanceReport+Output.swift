import CachesCluster
import CachesTerminal

extension BalanceReport {
    /// The charts, and how many keys move.
    func lines(_ style: Style, width: Int) -> [String] {
        let moves = after.map { after in
            style(
                "\(Figures.count(after.moved, "key")) of \(Figures.count(before.total)) "
                    + "(\(Figures.share(after.moved, of: before.total))) change their node", .strong)
        }
        let sections: [(title: String, shares: Shares)] =
            [(after == nil ? "predicted" : "before", before)]
            + (after.map { [("after", $0.shares)] } ?? []) + (live.map { [("on the servers", $0)] } ?? [])
        var lines: [String] = []
        for (title, shares) in sections {
            let rule = title == "after" ? after?.rule ?? rule : rule
            let detail = title == "on the servers" ? "DBSIZE" : "placement \(rule.rawValue)"
            lines += [
                style(title, .strong)
                    + style("  \(detail), \(Figures.count(shares.total, "key"))", .quiet)
            ]
            lines += BarChart(
                entries: shares.nodes.map {
                    ($0.keys == nil ? "\($0.node) (unknown)" : $0.node, $0.keys ?? 0)
                }
            )
            .lines(style, width: width)
            if let peak = shares.peakToAverage {
                lines.append(style("peak to average \(Figures.ratio(peak))", .quiet))
            }
            lines.append("")
        }
        return lines.dropLast() + (moves.map { ["", $0] } ?? [])
    }
}

extension BalanceReport: Encodable {
    enum CodingKeys: String, CodingKey {
        case keys, before, after, moved
        case movedShare = "moved_share"
        case live
    }

    // Written out because the synthesised form leaves out nil values.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(before.total, forKey: .keys)
        try container.encode(SharesObject(before, rule), forKey: .before)
        try container.encode(after.map { SharesObject($0.shares, $0.rule) }, forKey: .after)
        try container.encode(after?.moved, forKey: .moved)
        try container.encode(after.map { Double($0.moved) / Double(before.total) }, forKey: .movedShare)
        try container.encode(live.map { SharesObject($0, rule) }, forKey: .live)
    }
}

/// Shares as an object. Every key of it is always there.
private struct SharesObject: Encodable {
    let shares: BalanceReport.Shares
    let rule: PlacementRule

    init(_ shares: BalanceReport.Shares, _ rule: PlacementRule) {
        self.shares = shares
        self.rule = rule
    }

    enum CodingKeys: String, CodingKey {
        case placement, keys
        case peakToAverage = "peak_to_average"
        case nodes
    }

    enum NodeKeys: String, CodingKey { case node, weight, keys, share }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rule.rawValue, forKey: .placement)
        try container.encode(shares.total, forKey: .keys)
        try container.encode(shares.peakToAverage, forKey: .peakToAverage)
        var nodes = container.nestedUnkeyedContainer(forKey: .nodes)
        for node in shares.nodes {
            var object = nodes.nestedContainer(keyedBy: NodeKeys.self)
            try object.encode(node.node, forKey: .node)
            try object.encode(node.weight, forKey: .weight)
            try object.encode(node.keys, forKey: .keys)
            let share = node.keys.map { Double($0) / Double(max(1, shares.total)) }
            try object.encode(share, forKey: .share)
        }
    }
}

extension Figures {
    /// `1.002`: a ratio to three decimals.
    static func ratio(_ ratio: Double) -> String {
        let thousandths = Int((ratio * 1000).rounded())
        return "\(thousandths / 1000)." + String("\(1000 + thousandths % 1000)".dropFirst())
    }
}

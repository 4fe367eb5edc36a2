import CachesCluster
import CachesTerminal
import CachesTransport

/// The answers of all servers, in the configured order.
struct PingReport: Sendable {
    var nodes: [NodeReport]

    /// The rule by which keys are placed on the nodes, and the fingerprint that is the same for all pools
    /// that place all keys alike.
    var placement: (rule: PlacementRule, fingerprint: String)?

    init(_ nodes: [NodeReport]) { self.nodes = nodes }

    /// Asks all nodes at once. The report is complete when the slowest has answered or has been given up.
    init(_ nodes: [Node], count: Int) async {
        let reports = await withTaskGroup(of: (Int, NodeReport).self) { group in
            for (index, node) in nodes.enumerated() {
                group.addTask { (index, await NodeReport(asking: node, count: count)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        self.nodes = reports.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The table, and below it how keys are placed and why servers are down.
    func lines(_ style: Style, width: Int?) -> [String] {
        var table = Table([
            .init("name", minimumWidth: 8, truncation: .middle),
            .init("address", minimumWidth: 14, truncation: .middle),
            .init("tls", minimumWidth: 5), .init("server"), .init("db", .right), .init("role"),
            .init("p50", .right), .init("p99", .right), .init("state"),
        ])
        for node in nodes {
            table.append([
                .init(node.name, .strong), .init(node.address), .init(node.tls?.text ?? "–"),
                .init(node.server ?? "–"), .init("\(node.database)"), .init(node.role ?? "–"),
                .init(node.roundTrip.text(\.p50)), .init(node.roundTrip.text(\.p99)),
                node.isUp ? .init("up", .good) : .init("down", .bad),
            ])
        }
        let errors = nodes.compactMap(\.error).map { style("✗ ", .bad) + $0.text }
        let placement = placement.map { "placement \($0.rule.rawValue), fingerprint \($0.fingerprint)" }
        return table.lines(style, width: width) + (placement.map { ["", style($0, .quiet)] } ?? [])
            + (errors.isEmpty ? [] : [""] + errors)
    }
}

extension NodeReport.TLSSession {
    /// `1.3 AES_256_GCM_SHA384`: the version's number, and the cipher without the prefix that all ciphers of
    /// TLS 1.3 have.
    var text: String {
        let number = version.hasPrefix("TLSv") ? version.dropFirst(4) : version[...]
        let suite = cipher.hasPrefix("TLS_") ? cipher.dropFirst(4) : cipher[...]
        return "\(number) \(suite)"
    }
}

extension Latencies {
    /// A percentile as text, or a dash if nothing was measured.
    func text(_ percentile: KeyPath<Latencies, Duration>) -> String {
        count == 0 ? "–" : Figures.duration(self[keyPath: percentile])
    }
}

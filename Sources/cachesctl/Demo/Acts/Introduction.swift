import CachesCluster
import CachesTerminal
import CachesTransport

extension Demo {
    /// Shows the nodes. All of them have to be up: the demo's numbers would mean nothing otherwise.
    func introduce() async throws {
        let nodes = try pool.nodes
        stage.begin(
            "Nodes",
            fleet == nil
                ? "\(Figures.count(nodes.count, "server")) from the environment, never stopped"
                : "\(Figures.count(nodes.count, "private server")), for this run alone")
        let report = await PingReport(nodes, count: 20)
        try Task.checkCancellation()
        var table = Table([
            .init("name", minimumWidth: 8, truncation: .middle),
            .init("address", minimumWidth: 14, truncation: .middle), .init("connection", minimumWidth: 7),
            .init("server"), .init("round trip", .right),
        ])
        for (node, report) in zip(nodes, report.nodes) {
            table.append([
                .init(report.name, .strong), .init(report.address), .init(node.connectionKind(report.tls)),
                .init(report.server ?? "–"), .init(report.roundTrip.text(\.p50)),
            ])
        }
        stage.draw { table.lines($0, width: $1) }
        if let error = report.nodes.lazy.compactMap(\.error).first { throw error }
    }
}

extension Node {
    /// `TLS 1.3 AES_256_GCM_SHA384`, `unix socket` or `plain`.
    fileprivate func connectionKind(_ session: NodeReport.TLSSession?) -> String {
        if let session { return "TLS " + session.text }
        if case .unix = configuration.connection.endpoint { return "unix socket" }
        return "plain"
    }
}

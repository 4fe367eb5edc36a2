import CachesCluster
import CachesTerminal
import CachesTransport

/// The examinations of all servers, in the configured order.
struct DoctorReport: Sendable {
    var nodes: [NodeExamination]
    var placement: PlacementRule
    var fingerprint: String

    init(_ nodes: [NodeExamination], placement: PlacementRule, fingerprint: String) {
        self.nodes = nodes
        self.placement = placement
        self.fingerprint = fingerprint
    }

    /// Examines all nodes at once.
    init(_ nodes: [Node], placement: PlacementRule, fingerprint: String, keys: [String]) async {
        let examinations = await withTaskGroup(of: (Int, NodeExamination).self) { group in
            for (index, node) in nodes.enumerated() {
                group.addTask { (index, await NodeExamination(node, fingerprint: fingerprint, keys: keys)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        self.init(
            examinations.sorted { $0.0 < $1.0 }.map(\.1), placement: placement, fingerprint: fingerprint)
    }

    func count(_ severity: Finding.Severity?) -> Int { nodes.count { $0.worst == severity } }

    /// The report for people: a paragraph for each server, then a summary.
    func lines(_ style: Style) -> [String] {
        let total = nodes.count == 1 ? "1 server" : "\(nodes.count) servers"
        let summary = [
            style("\(count(nil)) fine", .good),
            style("\(count(.warning)) with warnings", count(.warning) == 0 ? .plain : .warning),
            style("\(count(.failure)) failing", count(.failure) == 0 ? .plain : .bad),
        ]
        return nodes.flatMap { $0.lines(style) + [""] } + [
            style("placement \(placement.rawValue), fingerprint \(fingerprint)", .quiet),
            "\(total): \(summary.joined(separator: ", "))",
        ]
    }
}

extension NodeExamination {
    /// The server's paragraph.
    func lines(_ style: Style) -> [String] {
        let mark =
            switch worst {
            case nil: style("✓", .good)
            case .warning: style("!", .warning)
            case .failure: style("✗", .bad)
            }
        let title = [ping.address, ping.server, ping.role].compactMap { $0?.printable }.joined(
            separator: ", ")
        let facts = facts.map { name, value in
            "    " + style(name.padded(to: 12, .left), .quiet) + "  " + value.printable
        }
        let findings = findings.map { finding in
            let isFailure = finding.severity == .failure
            return "  " + style(isFailure ? "✗" : "!", isFailure ? .bad : .warning)
                + " \(finding.message) \(finding.advice)".printable
        }
        return ["\(mark) \(style(ping.name.printable, .strong))  \(title)"] + facts + findings
    }

    private var facts: [(name: String, value: String)] {
        guard ping.isUp else { return [] }
        return sentinelFacts + certificateFacts + [
            ("user", userFact),
            ("memory", memoryFact),
            ("persistence", persistenceFact),
            ("clock", clock.map { clockFact($0.ahead, $0.uncertainty) } ?? Self.unknown),
            ("round trip", "p50 \(ping.roundTrip.text(\.p50)), p99 \(ping.roundTrip.text(\.p99))"),
            ("other pools", strangersFact),
        ]
    }

    private var sentinelFacts: [(String, String)] {
        guard !sentinels.isEmpty else { return [] }
        let agreed = sentinels.count { $0.answer == ping.address }
        return [("Sentinels", "\(agreed) of \(sentinels.count) name \(ping.address) as the primary")]
    }

    private static let unknown = "not told to this user"

    private var certificateFacts: [(String, String)] {
        guard let tls = ping.tls else { return [("TLS", "none")] }
        return [("TLS", tls.text)]
            + certificates.enumerated().map { index, certificate in
                (
                    index == 0 ? "certificate" : "issuer",
                    "\(certificate.subject), issued by \(certificate.issuer), for \(certificate.nameList), "
                        + "\(certificate.daysLeft(at: time)) days left"
                )
            }
    }

    private var userFact: String {
        let may =
            if permissions.method == nil {
                "its permissions could not be found out"
            } else if permissions.commands.isEmpty {
                "may run every command of the library"
            } else {
                "may not run \(permissions.commands.count) of the library's commands"
            }
        return "\(user ?? "unknown"), \(may)"
    }

    private var memoryFact: String {
        guard let maximumMemory else { return Self.unknown }
        return (maximumMemory == 0 ? "no limit" : "\(maximumMemory) bytes at most")
            + ", \(evictionPolicy ?? "–")"
    }

    private var persistenceFact: String {
        guard snapshots != nil || hasAppendOnlyFile != nil else { return Self.unknown }
        let snapshots = snapshots.map { $0.isEmpty ? "no snapshots" : "snapshots after \($0)" }
        let file = hasAppendOnlyFile.map { $0 ? "an append-only file" : "no append-only file" }
        return [snapshots, file].compactMap { $0 }.joined(separator: ", ")
    }

    private func clockFact(_ ahead: Duration, _ uncertainty: Duration) -> String {
        let amount = Figures.duration(ahead < .zero ? .zero - ahead : ahead)
        return
            "\(amount) \(ahead < .zero ? "behind" : "ahead"), give or take \(Figures.duration(uncertainty))"
    }

    private var strangersFact: String {
        guard let strangers else { return Self.unknown }
        return strangers.isEmpty ? "none that differ" : "\(strangers.count) connections that differ"
    }
}

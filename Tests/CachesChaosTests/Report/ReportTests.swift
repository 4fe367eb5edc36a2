import ArgumentParser
import Testing

@testable import caches_chaos

@Suite struct ReportTests {
    @Test("The report counts, shows the violations, and ends with a line for programs")
    func text() throws {
        let report = try Self.report(outcome: .failed(code: "timeout", node: 0))
        #expect(report.text.contains("faults: 1 client stopped, 1 pause\n"))
        #expect(report.text.contains("calls: 1 read\n"))
        #expect(report.text.contains("failed: 1 timeout\n"))
        #expect(report.text.contains("node 0: 1"))
        #expect(report.text.hasSuffix("violations: none\nchaos: 1 calls, 2 faults, 0 violations\n"))
        let wrong = try Self.report(outcome: .misdelivered)
        #expect(wrong.text.contains("VIOLATION client 0: a reply was another call's"))
        #expect(
            wrong.text.hasSuffix(
                "violations: 1 replies to the wrong caller\nchaos: 1 calls, 2 faults, 1 violations\n"))
    }

    @Test("The picture is whole, and has each fault and each outage")
    func picture() throws {
        let svg = Timeline(try Self.report(outcome: .done(version: nil))).svg
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(svg.contains("<title>pause</title>"))
        #expect(svg.contains("<title>out for client 0</title>"))
        #expect(svg.contains("<title>client stopped, client 0</title>"))
        #expect(svg.matches(of: /<rect/).count == svg.matches(of: /<rect[^>]*(\/>|><title>)/).count)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    private static func report(outcome: Call.Outcome) throws -> Report {
        let call = Call(
            operation: .read, key: 1, node: 0, version: nil, begin: 6_000_000, end: 6_100_000,
            outcome: outcome)
        var history = History([
            .call(call), .health(node: 0, isOut: true, time: 6_500_000),
            .health(node: 0, isOut: false, time: 9_000_000), .end(pending: 0),
        ])
        history.client = 0
        let faults = [
            Fault(kind: .pause, server: 0, client: nil, begin: 6_000_000, end: 8_000_000),
            Fault(kind: .stopClient, server: nil, client: 0, begin: 6_000_000, end: 7_000_000),
        ]
        let checker = Checker(
            deadline: 500_000, rule: .acknowledged, faults: faults, begin: 0, quiet: 8_000_000)
        return Report(
            checker: checker, histories: [history], bystanders: Bystanders(), nodes: 2, duration: 30_000_000,
            options: try CallOptions.parse([]), load: try LoadOptions.parse([]))
    }
}

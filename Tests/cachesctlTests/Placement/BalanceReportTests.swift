import CachesCluster
import CachesTerminal
import Foundation
import Testing

@testable import cachesctl

struct BalanceReportTests {
    private static func placement(
        _ names: [String], _ rule: PlacementRule = .rendezvous, weights: [Double]? = nil
    ) throws -> NamedPlacement {
        let nodes = names.enumerated().map { Placement.Node($1, weight: weights?[$0] ?? 1) }
        return NamedPlacement(names: names, placement: try Placement(rule, nodes))
    }

    @Test("A node that joins eight takes a ninth of the keys, and no other key moves")
    func joining() throws {
        let names = (1...9).map { "node\($0)" }
        let report = BalanceReport(
            keys: 60_000, before: try Self.placement(names.dropLast()),
            after: try Self.placement(names))
        let after = try #require(report.after)
        #expect(after.moved == after.shares.nodes[8].keys)
        #expect(abs(Double(after.moved) / 60_000 - 0.111) < 0.005)
        #expect(report.before.total == 60_000 && after.shares.total == 60_000)
        #expect(try #require(report.before.peakToAverage) < 1.03)
    }

    @Test("Nodes are the same if they have the same name, wherever they are in the list")
    func names() throws {
        let one = try Self.placement(["a", "b", "c"])
        let report = BalanceReport(keys: 1000, before: one, after: try Self.placement(["c", "a", "b"]))
        #expect(report.after?.moved == 0)
    }

    @Test("Peak to average reckons with the weights, and is not known without keys or of unknown nodes")
    func peak() {
        func peak(_ shares: [(Double, Int?)]) -> Double? {
            BalanceReport.Shares(nodes: shares.map { .init(node: "n", weight: $0.0, keys: $0.1) })
                .peakToAverage
        }
        #expect(peak([(1, 50), (1, 50)]) == 1)
        #expect(peak([(1, 75), (1, 25)]) == 1.5)
        #expect(peak([(3, 75), (1, 25)]) == 1)
        #expect(peak([(3, 60), (1, 40)]) == 1.6)
        #expect(peak([(1, 0), (1, 0)]) == nil)
        #expect(peak([(1, 50), (1, nil)]) == nil)
    }

    @Test("The output has charts before and after, and the number of keys that move")
    func text() throws {
        let before = try Self.placement(["a", "b"])
        let lines = BalanceReport(keys: 2000, before: before, after: nil).lines(.plain, width: 60)
        #expect(lines.count == 4)
        #expect(lines[0] == "predicted  placement rendezvous, 2 000 keys")
        #expect(lines[3].hasPrefix("peak to average 1.0"))

        let after = try Self.placement(["a", "b", "c"], .ketama)
        let changed = BalanceReport(keys: 2000, before: before, after: after).lines(.plain, width: 60)
        #expect(changed[0] == "before  placement rendezvous, 2 000 keys")
        #expect(changed[5] == "after  placement ketama, 2 000 keys")
        #expect(changed.count == 12 && changed.allSatisfy { $0.displayWidth <= 60 })
        #expect(changed[11].wholeMatch(of: /1 \d{3} keys of 2 000 \(\d\d\.\d %\) change their node/) != nil)
    }

    @Test("JSON has every key, null if there is no value")
    func json() throws {
        let one = try Self.placement(["a", "b"], weights: [1, 3])
        for (report, isChanged) in [
            (BalanceReport(keys: 1000, before: one, after: nil), false),
            (BalanceReport(keys: 1000, before: one, after: try Self.placement(["a"])), true),
        ] {
            let text = try JSONText.pretty(report)
            let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(Set(object.keys) == ["keys", "before", "after", "moved", "moved_share", "live"])
            #expect(object["keys"] as? Int == 1000)
            #expect(object["live"] is NSNull)
            #expect((object["moved"] is NSNull) == !isChanged)
            let before = try #require(object["before"] as? [String: Any])
            #expect(Set(before.keys) == ["placement", "keys", "peak_to_average", "nodes"])
            let nodes = try #require(before["nodes"] as? [[String: Any]])
            #expect(nodes.map { $0["node"] as? String } == ["a", "b"])
            #expect(nodes.map { $0["weight"] as? Double } == [1, 3])
            #expect(nodes.compactMap { $0["share"] as? Double }.reduce(0, +) == 1)
        }
    }

    @Test("The image has a bar for each node before and after, and shows names and nothing else of them")
    func image() throws {
        let before = try Self.placement(["<a>&", "b\u{1B}[2J"])
        let after = try Self.placement(["<a>&", "c"])
        let svg = BalanceReport(keys: 1000, before: before, after: after).chart.text
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.hasSuffix("</svg>\n"))
        // The ground, two keys of the legend, four bars.
        #expect(svg.matches(of: /<rect\s/).count == 7)
        #expect(svg.contains("&lt;a&gt;&amp;<") && svg.contains(">c</text>"))
        #expect(!svg.contains("<a>") && !svg.contains("\u{1B}"))
        #expect(svg.contains("of the keys change their node"))
        let plain = BalanceReport(keys: 1000, before: before, after: nil).chart.text
        #expect(plain.matches(of: /<rect\s/).count == 3 && plain.contains("peak to average 1."))
    }

    @Test(
        "Ratios have three decimals",
        arguments: [(1, "1.000"), (1.0024, "1.002"), (1.9996, "2.000"), (12.05, "12.050")])
    func ratio(value: Double, text: String) { #expect(Figures.ratio(value) == text) }

    @Test("Made-up keys are hexadecimal digits, and differ")
    func sampleKeys() {
        var keys = Set<[UInt8]>()
        var sample = SampleKeys()
        for number in 0..<10_000 {
            sample.make(number)
            keys.insert(sample.bytes)
        }
        #expect(keys.count == 10_000)
        #expect(keys.allSatisfy { $0.count == 16 && $0.allSatisfy("0123456789abcdef".utf8.contains) })
    }
}

import Testing

@testable import CachesTerminal

struct BarChartTests {
    @Test(
        "A bar is exact to an eighth of a column",
        arguments: [
            (0.0, ""), (0.0001, "▏"), (0.125, "█"), (0.25, "██"), (0.3, "██▍"), (0.5, "████"),
            (1, "████████"),
            (7, "████████"), (-1, ""),
        ])
    func bar(fraction: Double, expected: String) { #expect(Bar.text(fraction, width: 8) == expected) }

    @Test("The greatest count has the longest bar and every line ends in the same column")
    func chart() {
        let chart = BarChart(entries: [("a", 40_000), ("sessions/b", 20_000), ("c", 0)])
        #expect(
            chart.lines(.plain, width: 48) == [
                "a           ███████████████████  40 000   66.7 %",
                "sessions/b  █████████▌           20 000   33.3 %",
                "c                                     0    0.0 %",
            ])
    }

    @Test("Nothing counted is a chart without bars")
    func empty() {
        #expect(BarChart(entries: [("a", 0)]).lines(.plain, width: 30).allSatisfy { !$0.contains("█") })
        #expect(BarChart(entries: []).lines(.plain, width: 30) == [])
    }
}

import CachesTransport

/// A horizontal bar drawn with block characters, exact to an eighth of a column.
public enum Bar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// A bar for `fraction` (0 … 1) of `width` columns. More than nothing always shows.
    public static func text(_ fraction: Double, width: Int) -> String {
        guard fraction > 0, width > 0 else { return "" }
        let steps = max(1, Int((min(fraction, 1) * Double(width) * 8).rounded()))
        return String(repeating: "█", count: steps / 8) + eighths[steps % 8]
    }
}

/// Counts by name, drawn as bars of which the greatest is the longest.
public struct BarChart: Sendable {
    /// The counts, in the order drawn.
    public var entries: [(name: String, count: Int)]

    /// A chart of counts, in the order drawn.
    public init(entries: [(name: String, count: Int)]) { self.entries = entries }

    /// The chart's lines: name, bar, count and share of the whole, at most `width` columns wide.
    public func lines(_ style: Style, width: Int) -> [String] {
        let total = entries.reduce(0) { $0 + $1.count }
        let greatest = entries.map(\.count).max() ?? 0
        let names = entries.map { $0.name.printable.truncated(to: max(8, width / 3), .middle) }
        let nameWidth = names.map(\.displayWidth).max() ?? 0
        let counts = entries.map { Figures.count($0.count) }
        let countWidth = counts.map(\.count).max() ?? 0
        let shareWidth = Figures.share(1, of: 1).count
        let barWidth = max(1, width - nameWidth - countWidth - shareWidth - 3 * 2)
        return entries.indices.map { index in
            let count = entries[index].count
            let bar = Bar.text(greatest == 0 ? 0 : Double(count) / Double(greatest), width: barWidth)
            return [
                names[index].padded(to: nameWidth),
                style(bar.padded(to: barWidth), .accent),
                counts[index].padded(to: countWidth, .right),
                style(Figures.share(count, of: total).padded(to: shareWidth, .right), .quiet),
            ].joined(separator: "  ")
        }
    }
}

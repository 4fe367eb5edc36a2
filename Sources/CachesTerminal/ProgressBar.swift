/// Decides when a progress bar is drawn again, and how it looks. It has no clock and draws nothing.
public struct ProgressBar: Sendable {
    /// Drawing more often than this is invisible.
    public static let interval = Duration.milliseconds(100)

    /// How many steps there are.
    public var total: Int

    private let start: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant?

    /// A bar of `total` steps, none of them done.
    public init(total: Int, at start: ContinuousClock.Instant) {
        self.total = total
        self.start = start
    }

    /// The text to draw now that `done` steps are done: nil while the last drawing is fresh enough.
    public mutating func update(
        done: Int, at now: ContinuousClock.Instant, _ style: Style, width: Int
    ) -> String? {
        if let lastDrawn, now - lastDrawn < Self.interval, done < total { return nil }
        lastDrawn = now
        return text(done: done, elapsed: now - start, style, width: width)
    }

    /// The bar, its percentage and the rate so far, in `width` columns.
    private func text(done: Int, elapsed: Duration, _ style: Style, width: Int) -> String {
        let fraction = total == 0 ? 1 : min(max(Double(done) / Double(total), 0), 1)
        let percentage = "\(Int(fraction * 100)) %".padded(to: 5, .right)
        let rate = (Figures.rate(done, in: elapsed) + "/s").padded(to: 11, .right)
        let barWidth = max(1, width - percentage.count - rate.count - 2)
        let bar = Bar.text(fraction, width: barWidth)
        let rest = String(repeating: "·", count: barWidth - bar.displayWidth)
        return style(bar, .accent) + style(rest, .quiet) + " " + percentage + " " + style(rate, .quiet)
    }
}

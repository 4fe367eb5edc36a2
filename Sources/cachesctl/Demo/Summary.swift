import CachesTerminal

/// The demo in one line.
struct Summary: Sendable {
    var keys: Int
    var nodes: Int
    /// How many values were not read back right. Until they are read, all of them.
    var wrong: Int
    var gets: Measurement
    /// The error that ended the demo before its last act; nil if it reached its end.
    var failure: (any Error)?

    /// The last line of the output. Its form is fixed: scripts read it.
    var text: String {
        let rate = Int(Figures.perSecond(gets.tally.latencies.count, in: gets.elapsed).rounded())
        let p99 = Int((gets.tally.latencies.p99.nanoseconds / 1000).rounded())
        return "demo: \(keys) keys on \(nodes) nodes, \(wrong) wrong, \(rate) gets/s, p99 \(p99) µs"
    }
}

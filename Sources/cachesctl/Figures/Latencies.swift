import Histogram

/// How long each of many operations took, in about 40 KB however many there are.
///
/// An HdrHistogram of nanoseconds with two significant figures: a percentile is within 1 % of the exact one.
/// A minute or more counts as a minute. Each task records into its own and they are added up in the end, so
/// that recording never waits.
struct Latencies: Sendable {
    private static let longest: UInt64 = 60_000_000_000

    private var histogram = Histogram<UInt64>(
        highestTrackableValue: Latencies.longest, numberOfSignificantValueDigits: .two)

    /// How many operations were recorded.
    var count: Int { Int(histogram.totalCount) }

    /// Records one operation.
    mutating func record(_ duration: Duration) {
        let nanoseconds = min(max(duration.nanoseconds, 1), Double(Self.longest))
        histogram.record(UInt64(nanoseconds))
    }

    /// Adds what another has recorded.
    mutating func add(_ other: Latencies) { histogram.add(other.histogram) }

    /// The duration that `percent` of the operations did not exceed; zero if there were none.
    func percentile(_ percent: Double) -> Duration {
        count == 0 ? .zero : .nanoseconds(Int64(histogram.valueAtPercentile(percent)))
    }

    var p50: Duration { percentile(50) }
    var p99: Duration { percentile(99) }
    var p999: Duration { percentile(99.9) }

    /// The longest.
    var slowest: Duration { percentile(100) }
}

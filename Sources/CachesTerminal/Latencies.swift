import Histogram

/// How long each of many operations took, in about 40 KB however many there are.
///
/// An HdrHistogram of nanoseconds with two significant figures: a percentile is within 1 % of the exact one.
/// A minute or more counts as a minute. Each task records into its own and they are added up in the end, so
/// that recording never waits.
public struct Latencies: Sendable {
    private static let longest: UInt64 = 60_000_000_000

    private var histogram = Histogram<UInt64>(
        highestTrackableValue: Latencies.longest, numberOfSignificantValueDigits: .two)

    /// None recorded yet.
    public init() {}

    /// How many operations were recorded.
    public var count: Int { Int(histogram.totalCount) }

    /// Records one operation.
    public mutating func record(_ duration: Duration) {
        let nanoseconds = min(max(duration.nanoseconds, 1), Double(Self.longest))
        histogram.record(UInt64(nanoseconds))
    }

    /// Adds the operations that another has recorded.
    public mutating func add(_ other: Latencies) { histogram.add(other.histogram) }

    /// The duration that `percent` of the operations did not exceed; zero if there were none.
    public func percentile(_ percent: Double) -> Duration {
        count == 0 ? .zero : .nanoseconds(Int64(histogram.valueAtPercentile(percent)))
    }

    /// The duration that half of the operations did not exceed.
    public var p50: Duration { percentile(50) }
    /// The duration that 99 % of the operations did not exceed.
    public var p99: Duration { percentile(99) }
    /// The duration that 99.9 % of the operations did not exceed.
    public var p999: Duration { percentile(99.9) }

    /// The longest.
    public var slowest: Duration { percentile(100) }
}

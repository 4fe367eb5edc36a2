/// How long a value is kept: for ever, or a time to live, with optional jitter.
///
/// ```swift
/// override class var ttl: TTL { .hours(2, jitter: 0.1) }   // each write: between 1 h 48 min and 2 h
/// ```
///
/// Keys that were written together expire together, and their readers then all ask the database at once.
/// Jitter spreads that moment: each write draws its own time to live, evenly between `ttl · (1 − jitter)` and
/// `ttl`. It is never longer than the given one, because a ttl is also a promise of freshness.
///
/// Fractions are welcome (`.seconds(0.25)`). Servers count whole milliseconds, to which a time to live is
/// rounded; one that is shorter than a millisecond counts as one millisecond.
///
/// A time that is zero, negative, not a number or longer than 2⁵³ milliseconds (285 000 years), and a jitter
/// outside 0…1, make the call that uses them throw ``CachesError/Code/invalidArgument``; nothing is written.
public struct TTL: Hashable, Sendable {
    /// The time to live as it was asked for, in milliseconds; nil: for ever.
    let asked: Double?

    /// The part of ``asked`` that a draw may take away, 0…1.
    let jitter: Double

    /// No expiry: the value stays until it is cleared, replaced or evicted. The default of every cache.
    public static let forever = TTL(asked: nil, jitter: 0)

    /// A time to live in milliseconds.
    public static func milliseconds(_ count: Double, jitter: Double = 0) -> TTL {
        TTL(asked: count, jitter: jitter)
    }

    /// A time to live in seconds.
    public static func seconds(_ count: Double, jitter: Double = 0) -> TTL {
        TTL(asked: count * 1000, jitter: jitter)
    }

    /// A time to live in minutes.
    public static func minutes(_ count: Double, jitter: Double = 0) -> TTL {
        TTL(asked: count * 60_000, jitter: jitter)
    }

    /// A time to live in hours.
    public static func hours(_ count: Double, jitter: Double = 0) -> TTL {
        TTL(asked: count * 3_600_000, jitter: jitter)
    }

    /// A time to live in days of 24 hours.
    public static func days(_ count: Double, jitter: Double = 0) -> TTL {
        TTL(asked: count * 86_400_000, jitter: jitter)
    }

    /// A time to live as long as a duration.
    public init(_ duration: Duration, jitter: Double = 0) {
        self.init(asked: duration / .milliseconds(1), jitter: jitter)
    }

    private init(asked: Double?, jitter: Double) {
        self.asked = asked
        self.jitter = jitter
    }
}

extension TTL {
    /// The longest time to live, in milliseconds: 2⁵³, up to which a `Double` holds every whole number.
    private static let longest = 9_007_199_254_740_992.0

    /// The milliseconds for `PX` of one write, drawn again each time if there is jitter; nil: for ever.
    func milliseconds(
        using generator: inout some RandomNumberGenerator
    ) throws(CachesError) -> Int64? {
        guard let asked else { return nil }
        guard asked > 0, asked <= TTL.longest else {
            throw CachesError(
                .invalidArgument, "A ttl of \(asked) milliseconds can't be kept.",
                advice: "Give a time above zero and below 285 000 years, or .forever.")
        }
        guard jitter >= 0, jitter <= 1 else {
            throw CachesError(
                .invalidArgument, "A ttl's jitter is a fraction from 0 to 1, not \(jitter).",
                advice: "0.1 takes up to a tenth off the ttl.")
        }
        let longest = max(1, Int64(asked.rounded()))
        guard jitter > 0 else { return longest }
        let shortest = max(1, Int64((asked * (1 - jitter)).rounded(.up)))
        return shortest < longest ? Int64.random(in: shortest...longest, using: &generator) : longest
    }

    /// The milliseconds for `PX` of one write, drawn by a generator that all writers share.
    func milliseconds() throws(CachesError) -> Int64? {
        var generator = JitterGenerator()
        return try milliseconds(using: &generator)
    }
}

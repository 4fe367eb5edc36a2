/// The scores between two bounds, each of which belongs to the range or not.
///
/// Swift's ranges of `Double` are understood wherever one is asked for; this type adds those whose lower
/// bound is left out.
///
/// ```swift
/// try await z.count(in: 1...5)                            // 1 ≤ score ≤ 5
/// try await z.count(in: 1..<5)                            // 1 ≤ score < 5
/// try await z.count(in: ..<5)                             // score < 5, -inf too
/// try await z.count(in: ScoreRange(above: 1, through: 5)) // 1 < score ≤ 5
/// ```
///
/// A range whose bounds leave nothing between them holds no score. A bound that is not a number makes the
/// call throw.
public struct ScoreRange: Hashable, Sendable {
    private struct Bound: Hashable, Sendable {
        let score: Double
        let isIncluded: Bool
    }

    private let lower: Bound
    private let upper: Bound

    private init(_ lower: Bound, _ upper: Bound) {
        self.lower = lower
        self.upper = upper
    }

    /// The scores that a range of Swift's holds.
    public init(_ range: some ScoreRangeExpression) { self = range.scores }

    /// The scores greater than `lower`.
    public init(above lower: Double) { self.init(above: lower, through: .infinity) }

    /// The scores greater than `lower` and not greater than `upper`.
    public init(above lower: Double, through upper: Double) {
        self.init(Bound(score: lower, isIncluded: false), Bound(score: upper, isIncluded: true))
    }

    /// The scores greater than `lower` and less than `upper`.
    public init(above lower: Double, below upper: Double) {
        self.init(Bound(score: lower, isIncluded: false), Bound(score: upper, isIncluded: false))
    }

    fileprivate init(from lower: Double, through upper: Double) {
        self.init(Bound(score: lower, isIncluded: true), Bound(score: upper, isIncluded: true))
    }

    fileprivate init(from lower: Double, below upper: Double) {
        self.init(Bound(score: lower, isIncluded: true), Bound(score: upper, isIncluded: false))
    }
}

extension ScoreRange {
    /// The bounds as `ZCOUNT` takes them, and a `ZRANGE` that lists from an end: `(` leaves a bound out.
    func bounds(from end: SortedSetEnd = .lowest) throws(CachesError) -> [Payload] {
        let (lower, upper) = (try Self.payload(lower), try Self.payload(upper))
        return end == .lowest ? [lower, upper] : [upper, lower]
    }

    private static func payload(_ bound: Bound) throws(CachesError) -> Payload {
        .text((bound.isIncluded ? "" : "(") + (try Score.text(bound.score)))
    }
}

/// A type that can be given as a range of scores: Swift's ranges of `Double`, and ``ScoreRange``.
public protocol ScoreRangeExpression {
    /// The scores of the range.
    var scores: ScoreRange { get }
}

extension ScoreRange: ScoreRangeExpression {
    public var scores: ScoreRange { self }
}

extension ScoreRangeExpression where Self == ScoreRange {
    /// Every score, the infinite ones too.
    public static var all: ScoreRange { ScoreRange(from: -.infinity, through: .infinity) }
}

extension ClosedRange: ScoreRangeExpression where Bound == Double {
    public var scores: ScoreRange { ScoreRange(from: lowerBound, through: upperBound) }
}

extension Range: ScoreRangeExpression where Bound == Double {
    public var scores: ScoreRange { ScoreRange(from: lowerBound, below: upperBound) }
}

extension PartialRangeFrom: ScoreRangeExpression where Bound == Double {
    public var scores: ScoreRange { ScoreRange(from: lowerBound, through: .infinity) }
}

extension PartialRangeThrough: ScoreRangeExpression where Bound == Double {
    public var scores: ScoreRange { ScoreRange(from: -.infinity, through: upperBound) }
}

extension PartialRangeUpTo: ScoreRangeExpression where Bound == Double {
    public var scores: ScoreRange { ScoreRange(from: -.infinity, below: upperBound) }
}

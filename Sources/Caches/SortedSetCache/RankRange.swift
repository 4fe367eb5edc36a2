/// A range of ranks as `ZRANGE` and `ZREMRANGEBYRANK` take them: the first and the last one.
struct RankRange: Sendable {
    private let first: Int
    private let last: Int

    /// The ranks of any range of Swift's.
    /// - Throws: ``CachesError`` of code `invalidArgument` for a negative rank.
    init(_ ranks: some RangeExpression<Int>) throws(CachesError) {
        let range = ranks.relative(to: AllIntegers())
        let first = range.lowerBound == .min ? 0 : range.lowerBound
        guard first >= 0, range.upperBound >= 0 else {
            throw CachesError(
                .invalidArgument, "Ranks begin at 0: \(min(first, range.upperBound)) is none.",
                advice: "To count from the other end, say `from: .highest`.")
        }
        // To a server, a last rank of -1 would be the set's last one.
        (self.first, self.last) = first < range.upperBound ? (first, range.upperBound - 1) : (1, 0)
    }

    /// `count` ranks from `first` on; neither is negative.
    init(first: Int, count: Int) {
        let (end, overflow) = first.addingReportingOverflow(count)
        (self.first, self.last) = count > 0 ? (first, overflow ? .max : end - 1) : (1, 0)
    }

    /// The ranks as arguments.
    var arguments: [Payload] { [.number(first), .number(last)] }

    /// The ranks, counted from an end, as arguments of a command that counts from the lowest: there the
    /// highest is -1, the one below it -2.
    func arguments(countedFrom end: SortedSetEnd) -> [Payload] {
        guard end == .highest, first <= last else { return arguments }
        return [.number(-1 - last), .number(-1 - first)]
    }
}

/// The base of a range that is open at an end. It takes any rank, so that an error can name what is wrong
/// with a range.
private struct AllIntegers: Collection {
    var startIndex: Int { .min }
    var endIndex: Int { .max }
    func index(after index: Int) -> Int { index == .max ? .max : index + 1 }
    subscript(index: Int) -> Int { index }
}

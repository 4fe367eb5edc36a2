/// An end of a sorted set: where ranks are counted from, and items listed from.
public enum SortedSetEnd: Hashable, Sendable, CaseIterable {
    /// The lowest score. Among equal scores, the element whose bytes come first.
    case lowest

    /// The highest score. Among equal scores, the element whose bytes come last.
    case highest

    /// What a `ZRANGE` that lists from this end says besides.
    var words: [Payload] { self == .lowest ? [] : ["REV"] }
}

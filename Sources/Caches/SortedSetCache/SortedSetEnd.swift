/// An end of a sorted set: where ranks are counted from, and items listed from.
public enum SortedSetEnd: Hashable, Sendable, CaseIterable {
    /// The lowest score. Among equal scores, the element whose bytes come first.
    case lowest

    /// The highest score. Among equal scores, the element whose bytes come last.
    case highest

    /// The words that a `ZRANGE` from this end adds.
    var words: [Payload] { self == .lowest ? [] : ["REV"] }

    /// Whether a server that lists from this end lists one item after the other.
    func follows(_ item: StoredItem, _ other: StoredItem) -> Bool {
        let (first, second) = self == .lowest ? (other, item) : (item, other)
        if first.score != second.score { return first.score < second.score }
        return first.bytes.lexicographicallyPrecedes(second.bytes)
    }
}

/// Finds the known word that a misspelt word stands for.
enum Suggestion {
    /// The word among `known` that is at most two edits away, the first of the nearest; nil if there is no
    /// such word.
    static func suggestion(for word: String, among known: [String]) -> String? {
        let candidates = known.map { (word: $0, distance: distance(word, $0)) }
        let nearest = candidates.min { $0.distance < $1.distance }
        // Any two words are within the length of the longer one.
        return nearest.flatMap { $0.distance <= min(2, word.utf8.count - 1) ? $0.word : nil }
    }

    /// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other
    /// (the optimal string alignment distance).
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        // Enough for any word near a known one, and a bound on the cost of bad input.
        guard left.count <= 64, right.count <= 64 else { return .max }
        var beforeLast = [Int]()
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    last[column + 1] + 1, current[column] + 1, last[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}

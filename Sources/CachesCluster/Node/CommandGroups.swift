internal import CachesTransport

/// Commands that are sent together, in groups of which each has one outcome: its first error, or its last
/// reply.
///
/// A group is one operation: the command on a key, and before it the command on a companion of the key.
package struct CommandGroups: Sendable {
    private let counts: [Int]

    /// How many commands there are.
    let total: Int

    /// - Parameter counts: How many commands each group has.
    /// - Returns: nil if each group is one command: there is nothing to combine.
    init?(_ counts: [Int]) {
        guard counts.contains(where: { $0 != 1 }) else { return nil }
        self.counts = counts
        total = counts.reduce(0, +)
    }

    /// One reply per group.
    func outcomes(_ replies: [Reply]) -> [Reply] {
        var start = 0
        return counts.map { count in
            defer { start += count }
            let group = replies[start..<start + count]
            return group.first(where: \.isError) ?? group.last ?? .null
        }
    }

    /// The failures of groups: a group fails with the first of its commands that failed.
    func outcomes(_ partial: PartialFailure) -> PartialFailure {
        var (failures, start): ([Int: CachesError], Int) = ([:], 0)
        for (index, count) in counts.enumerated() {
            failures[index] = (start..<start + count).lazy.compactMap { partial.failures[$0] }.first
            start += count
        }
        return PartialFailure(replies: outcomes(partial.replies), failures: failures)
    }
}

/// How many things the next piece of a bulk call takes, by what they weigh and what the last replies weighed.
struct PieceSize: Sendable {
    private let limits: BulkLimits

    /// How many a piece may have whatever they weigh.
    private let most: Int

    /// How many the next one has at most: its replies are to weigh no more than a piece may.
    private var next: Int

    /// A piece may have so many times as many things as the one before: of the others it is not known whether they
    /// weigh as little.
    private static let growth = 4

    init(_ limits: BulkLimits, first: Int, most: Int) {
        self.limits = limits
        self.most = most
        next = min(first, most)
    }

    /// How many of the things at the front make a piece, at least one, and what they weigh.
    func cut<Things: Collection>(
        _ things: Things, bytes: (Things.Element) -> Int
    ) -> (count: Int, bytes: Int) {
        var (count, total) = (0, 0)
        for thing in things {
            let bytes = bytes(thing)
            guard count == 0 || count < next && total + bytes <= limits.pieceBytes else { break }
            count += 1
            total += bytes
        }
        return (count, total)
    }

    /// Notes what the replies to a piece weighed, in bytes.
    mutating func note(count: Int, replyBytes: Int) {
        let each = max(1, replyBytes / max(1, count))
        next = min(max(1, limits.pieceBytes / each), Self.growth * count, most)
    }
}

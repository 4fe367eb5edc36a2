/// How many items the next piece of a bulk call takes, by their weight and that of the last replies.
struct PieceSize: Sendable {
    private let limits: BulkLimits

    /// The most items in any piece, whatever they weigh.
    private let most: Int

    /// The most items in the next piece: its replies should weigh no more than a piece may.
    private var next: Int

    /// How many times as many items a piece may have as the one before: the others may weigh more.
    private static let growth = 4

    init(_ limits: BulkLimits, first: Int, most: Int) {
        self.limits = limits
        self.most = most
        next = min(first, most)
    }

    /// How many of the items at the front make a piece, at least one, and their weight.
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

    /// Notes the weight of the replies to a piece, in bytes.
    mutating func note(count: Int, replyBytes: Int) {
        let each = max(1, replyBytes / max(1, count))
        next = min(max(1, limits.pieceBytes / each), Self.growth * count, most)
    }
}

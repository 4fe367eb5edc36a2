internal import CachesTransport

/// How much of a connection the pieces of bulk calls take.
///
/// A connection is a queue: who comes behind a hundred thousand keys waits for all of them, and where those fill the
/// queue, is refused. So a bulk call is cut into pieces, few of which are in the queue at a time. What a piece weighs
/// decides how long others wait behind it: 128 KiB take a tenth of a millisecond on a network of 10 Gbit/s, a
/// millisecond on one of 1 Gbit/s, and still fill several TCP windows, so that cutting costs next to nothing.
///
/// Where the connection's own limits are small, so are the pieces: an eighth of each.
struct BulkLimits: Sendable {
    /// What a piece weighs at most, and what its replies are meant to, in bytes. One thing that is larger is a piece.
    let pieceBytes: Int

    /// How many commands a piece has at most.
    let pieceCommands: Int

    private let maximumBytes: Int
    private let maximumCommands: Int

    /// How many keys one command of a piece has at most. The server does nothing else meanwhile: 512 keys take it about
    /// a tenth of a millisecond.
    static let mostKeys = 512

    /// How many keys a call's first piece has at most: what they weigh is not known yet.
    static let mostKeysAtFirst = 128

    /// How many bytes a call may send at once as if it were a small one.
    static let smallBytes = 32 << 10

    /// How many pieces of all calls together wait on a connection at most. Two of one call keep the server busy; more
    /// would only lengthen the queue.
    static let mostPieces = 4

    init(maximumBytes: Int, maximumCommands: Int) {
        self.maximumBytes = maximumBytes
        self.maximumCommands = maximumCommands
        pieceBytes = min(max(1, maximumBytes / 8), 128 << 10)
        pieceCommands = min(max(1, maximumCommands / 8), Self.mostKeys)
    }

    /// Whether a call is so small that it needs no turn: it is sent as any single command is.
    func isSmall(commands: Int, bytes: Int) -> Bool {
        commands <= min(pieceCommands, Self.mostKeysAtFirst) && bytes <= min(pieceBytes, Self.smallBytes)
    }

    /// Whether a piece may join others that wait: all of them together take half of the connection at most.
    func admits(_ piece: BulkPiece, beside others: BulkPiece, count: Int) -> Bool {
        guard count > 0 else { return true }
        return count < Self.mostPieces && others.bytes + piece.bytes <= maximumBytes / 2
            && others.commands + piece.commands <= maximumCommands / 2
    }

    /// Whether a connection has room for a piece, and some more for others.
    ///
    /// A piece that is larger than that, a single large value, goes when little else waits: it would never else.
    func leavesRoom(_ piece: BulkPiece, inFlight: BulkPiece) -> Bool {
        let fits = inFlight.bytes + piece.bytes <= maximumBytes - maximumBytes / 8
        guard fits || inFlight.bytes <= maximumBytes / 8 else { return false }
        return inFlight.commands + piece.commands <= maximumCommands - maximumCommands / 8
            || inFlight.commands == 0
    }
}

/// What is sent together of a bulk call: how much it takes of a connection.
struct BulkPiece: Hashable, Sendable {
    var commands: Int
    var bytes: Int
}

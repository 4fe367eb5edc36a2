internal import CachesTransport

/// The limits on how much of a connection the pieces of bulk calls take.
///
/// A connection is a queue: a call behind a hundred thousand keys waits for all of them, and is refused if
/// they fill the queue. So a bulk call is cut into pieces, few of which are in the queue at a time. The
/// weight of a piece decides how long others wait behind it: 128 KiB take a tenth of a millisecond on a
/// network of 10 Gbit/s, a millisecond on one of 1 Gbit/s, and still fill several TCP windows, so that
/// cutting costs next to nothing.
///
/// If the connection's own limits are small, so are the pieces: an eighth of each.
struct BulkLimits: Sendable {
    /// The most bytes in a piece, and the target for its replies. A single larger item is a piece of its own.
    let pieceBytes: Int

    /// The most commands in a piece.
    let pieceCommands: Int

    private let maximumBytes: Int
    private let maximumCommands: Int

    /// The most keys in one command of a piece. The server does nothing else meanwhile: 512 keys take it
    /// about a tenth of a millisecond.
    static let mostKeys = 512

    /// The most keys in a call's first piece: their weight is not known yet.
    static let mostKeysAtFirst = 128

    /// The most bytes that a call may send at once like a small call.
    static let smallBytes = 32 << 10

    /// The most pieces, of all calls together, that wait on a connection. Two of one call keep the server
    /// busy; more would only lengthen the queue.
    static let mostPieces = 4

    init(maximumBytes: Int, maximumCommands: Int) {
        self.maximumBytes = maximumBytes
        self.maximumCommands = maximumCommands
        pieceBytes = min(max(1, maximumBytes / 8), 128 << 10)
        pieceCommands = min(max(1, maximumCommands / 8), Self.mostKeys)
    }

    /// Whether a call is so small that it needs no turn: it is sent like a single command.
    func isSmall(commands: Int, bytes: Int) -> Bool {
        commands <= min(pieceCommands, Self.mostKeysAtFirst) && bytes <= min(pieceBytes, Self.smallBytes)
    }

    /// Whether a piece may join others that wait: together they take at most half of the connection.
    func admits(_ piece: BulkPiece, beside others: BulkPiece, count: Int) -> Bool {
        guard count > 0 else { return true }
        return count < Self.mostPieces && others.bytes + piece.bytes <= maximumBytes / 2
            && others.commands + piece.commands <= maximumCommands / 2
    }

    /// Whether a connection has room for a piece, and some more for others.
    ///
    /// A larger piece, a single large value, is sent when little else waits: otherwise it would never be
    /// sent.
    func leavesRoom(_ piece: BulkPiece, inFlight: BulkPiece) -> Bool {
        let fits = inFlight.bytes + piece.bytes <= maximumBytes - maximumBytes / 8
        guard fits || inFlight.bytes <= maximumBytes / 8 else { return false }
        return inFlight.commands + piece.commands <= maximumCommands - maximumCommands / 8
            || inFlight.commands == 0
    }
}

/// A part of a bulk call that is sent together: its load on a connection.
struct BulkPiece: Hashable, Sendable {
    var commands: Int
    var bytes: Int
}

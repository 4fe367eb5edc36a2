internal import DequeModule

/// The order of the pieces of bulk calls that want the same connection.
///
/// A value without clock and lock. Pieces go in order of arrival, so that a call of many pieces does not keep
/// one of few waiting: each of its pieces joins at the end.
struct BulkTurnsStateMachine: Sendable {
    typealias Ticket = UInt64

    private let limits: BulkLimits
    private var waiting: Deque<(ticket: Ticket, piece: BulkPiece)> = []

    /// How many pieces are under way.
    private(set) var count = 0

    /// The total of the pieces under way.
    private(set) var inFlight = BulkPiece(commands: 0, bytes: 0)

    init(_ limits: BulkLimits) { self.limits = limits }

    /// How many pieces wait.
    var queued: Int { waiting.count }

    /// Requests a turn for a piece.
    /// - Returns: Whether it may go at once; if not, it waits under its ticket.
    mutating func request(_ piece: BulkPiece, _ ticket: Ticket) -> Bool {
        guard waiting.isEmpty, limits.admits(piece, beside: inFlight, count: count) else {
            waiting.append((ticket, piece))
            return false
        }
        start(piece)
        return true
    }

    /// Ends the turn of a piece that has been answered, or never will be.
    /// - Returns: The tickets whose turn it is now.
    mutating func giveBack(_ piece: BulkPiece) -> [Ticket] {
        precondition(count > 0, "a turn was given back that nobody has")
        count -= 1
        inFlight.commands -= piece.commands
        inFlight.bytes -= piece.bytes
        return next()
    }

    /// Removes a piece that gives up waiting.
    /// - Returns: Whether it still waited, and the tickets whose turn it is now.
    mutating func leave(_ ticket: Ticket) -> (waited: Bool, next: [Ticket]) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return (false, []) }
        waiting.remove(at: index)
        return (true, next())
    }

    private mutating func start(_ piece: BulkPiece) {
        count += 1
        inFlight.commands += piece.commands
        inFlight.bytes += piece.bytes
    }

    private mutating func next() -> [Ticket] {
        var tickets: [Ticket] = []
        while let first = waiting.first, limits.admits(first.piece, beside: inFlight, count: count) {
            waiting.removeFirst()
            start(first.piece)
            tickets.append(first.ticket)
        }
        return tickets
    }
}

import CachesTransport

/// The replacement of a node's connection when its certificates change, or the name of its host leads
/// elsewhere: another connection is opened beside it and takes its place, and the old one ends when its last
/// command is answered.
///
/// A value without I/O and without a clock. `Node` keeps it under its lock, tells it what happened, and does
/// what it says.
///
///     idle ──opened──► resting ──due──► looking ──changed──► waiting ──turn──► replacing
///                        ▲▲▲───not changed──┘                                    │ │
///                        │└────────────── failed ───────────────────────────────┘ │
///                        └─────────────── opened ─────────────────────────────────┘
struct Rotation<Connection: NumberedConnection>: Sendable {
    private enum State: Sendable {
        case idle
        case resting
        /// The files and the name are checked. Looks are numbered, so that an answer which comes too late
        /// changes nothing.
        case looking
        /// The connection is to be replaced when it is its turn.
        case waiting
        case replacing(Connection)
        case closed
    }

    /// The next step when it is known whether anything has changed.
    enum Action: Equatable {
        case nothing
        /// Look again when the interval is over.
        case rest
        /// Replace the connection when it is its turn.
        case awaitTurn
    }

    private var state = State.idle
    private var look = 0

    /// The last reported fault: it is reported once, however often it is found.
    private var reported: String?

    /// Records that a connection has opened.
    /// - Returns: Whether to begin to look.
    mutating func opened() -> Bool {
        guard case .idle = state else { return false }
        state = .resting
        return true
    }

    /// Handles the end of the interval.
    /// - Returns: The number of the look to take; nil: take none.
    mutating func due() -> Int? {
        guard case .resting = state else { return nil }
        look += 1
        state = .looking
        return look
    }

    /// Handles a look that was taken, or has taken too long.
    mutating func looked(_ number: Int, mustReplace: Bool) -> Action {
        guard case .looking = state, number == look else { return .nothing }
        state = mustReplace ? .waiting : .resting
        return mustReplace ? .awaitTurn : .rest
    }

    /// Begins the replacement: it is the connection's turn. `open` begins to open the other.
    mutating func turn(open: () -> Connection) {
        guard case .waiting = state else { return }
        state = .replacing(open())
    }

    /// Handles that the connection with this number is open, or is over.
    /// - Returns: The connection, if it was the replacement; look again when the interval is over.
    mutating func ended(_ number: Int) -> Connection? {
        guard case .replacing(let connection) = state, connection.number == number else { return nil }
        state = .resting
        return connection
    }

    /// Closes.
    /// - Returns: The connection that was being opened.
    mutating func close() -> Connection? {
        defer { state = .closed }
        guard case .replacing(let connection) = state else { return nil }
        return connection
    }

    /// Whether to report a fault: it differs from the last one. nil: no fault.
    mutating func report(_ fault: String?) -> Bool {
        defer { reported = fault }
        return fault != nil && fault != reported
    }
}

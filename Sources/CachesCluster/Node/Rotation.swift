import CachesTransport

/// What is done when the certificates that a node's connection was made of change, or the name of its host leads
/// elsewhere: another connection is opened beside it, takes its place, and it ends when its last command is answered.
///
/// A value without I/O and without a clock. `Node` keeps it under its lock, tells it what happened, and does what
/// it says.
///
///     idle ──opened──► resting ──due──► looking ──changed──► waiting ──turn──► replacing
///                        ▲▲▲───not changed──┘                                    │ │
///                        │└────────────── failed ───────────────────────────────┘ │
///                        └─────────────── opened ─────────────────────────────────┘
struct Rotation<Connection: NumberedConnection>: Sendable {
    private enum State: Sendable {
        case idle
        case resting
        /// The files and the name are looked at. Looks are numbered, so that an answer which comes too late changes nothing.
        case looking
        /// The connection is to be replaced when it is its turn.
        case waiting
        case replacing(Connection)
        case closed
    }

    /// What to do when it is known whether anything has changed.
    enum Action: Equatable {
        case nothing
        /// Look again when the interval is over.
        case rest
        /// Replace the connection when it is its turn.
        case awaitTurn
    }

    private var state = State.idle
    private var look = 0

    /// What was reported last: it is said once, however often it is found.
    private var reported: String?

    /// A connection has opened.
    /// - Returns: Whether to begin to look.
    mutating func opened() -> Bool {
        guard case .idle = state else { return false }
        state = .resting
        return true
    }

    /// The interval is over.
    /// - Returns: The number of the look to be taken, nil for none.
    mutating func due() -> Int? {
        guard case .resting = state else { return nil }
        look += 1
        state = .looking
        return look
    }

    /// A look was taken, or has taken too long.
    mutating func looked(_ number: Int, mustReplace: Bool) -> Action {
        guard case .looking = state, number == look else { return .nothing }
        state = mustReplace ? .waiting : .resting
        return mustReplace ? .awaitTurn : .rest
    }

    /// It is the connection's turn to be replaced. `open` begins to open the other.
    mutating func turn(open: () -> Connection) {
        guard case .waiting = state else { return }
        state = .replacing(open())
    }

    /// The connection of that number is open, or is over.
    /// - Returns: It, if it was to replace the other; look again when the interval is over.
    mutating func ended(_ number: Int) -> Connection? {
        guard case .replacing(let connection) = state, connection.number == number else { return nil }
        state = .resting
        return connection
    }

    /// The node closes.
    /// - Returns: The connection that was being opened.
    mutating func close() -> Connection? {
        defer { state = .closed }
        guard case .replacing(let connection) = state else { return nil }
        return connection
    }

    /// Whether a fault is to be reported: it was not the last one. nil: all is well.
    mutating func report(_ fault: String?) -> Bool {
        defer { reported = fault }
        return fault != nil && fault != reported
    }
}

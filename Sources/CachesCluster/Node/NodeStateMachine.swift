import CachesTransport

/// A connection with the number by which its node knows it.
protocol NumberedConnection: Sendable {
    var number: Int { get }
}

/// What may happen to a node's connection: when one is opened, who may use it.
///
/// A value without I/O and without a clock. `Node` keeps it under its lock, beside its health, which says when
/// calls may ask for a connection.
///
///     idle ──wanted──► connecting ──opened──► up
///      ▲                   │                  │
///      └───────lost────────┴──────────────────┘
///
/// Calls wait while the node is `connecting`, since there is reason to hope. Connections are numbered, so that
/// news of an old one changes nothing.
struct NodeStateMachine<Connection: NumberedConnection>: Sendable {
    private enum State: Sendable {
        case idle
        case connecting(Connection)
        case up(Connection, since: ContinuousClock.Instant)
        /// With the connection that is being closed, until that is done.
        case closed(Connection?)

        /// The connection that is open or being opened.
        var connection: Connection? {
            switch self {
            case .connecting(let connection), .up(let connection, _): connection
            case .idle, .closed: nil
            }
        }
    }

    /// Which connection has ended.
    enum Loss: Hashable, Sendable {
        /// Another one than is in use.
        case stale
        /// One that could not be opened.
        case unopened
        /// One that had been open for no longer than a moment, and carried no call that had lost one before: it may have
        /// been of no use.
        case young
        /// One that had been open for longer, or carried such a call: it may have ended for that.
        case used
    }

    private var state = State.idle { didSet { current = state.connection } }
    private var lastNumber = 0

    /// The last connection over which a call was sent that had lost one before.
    private var repeatedOn: Int?

    /// The connection that is open or being opened. Kept beside the state, which each call would have to copy.
    private(set) var current: Connection?

    /// Why none can be opened, as far as that is not the server's doing. Calls don't wait for one then.
    private(set) var hindrance: Hindrance?

    /// A connection lost sooner than this after it opened is ``Loss/young``.
    private let minimumUptime: Duration

    init(minimumUptime: Duration = .seconds(1)) { self.minimumUptime = minimumUptime }

    /// A connection is wanted. `open` begins to open one with the given number.
    /// - Returns: The connection and whether it is open, nil once closed.
    mutating func wanted(open: (_ number: Int) -> Connection) -> (connection: Connection, isOpen: Bool)? {
        switch state {
        case .idle:
            lastNumber += 1
            let connection = open(lastNumber)
            state = .connecting(connection)
            return (connection, false)
        case .connecting(let connection): return (connection, false)
        case .up(let connection, _): return (connection, true)
        case .closed: return nil
        }
    }

    /// Begins to open a connection for the calls that a hindrance keeps from waiting for one, if it is time.
    mutating func tryAgain(now: ContinuousClock.Instant, open: (_ number: Int) -> Connection) {
        guard let hindrance, now >= hindrance.until, case .idle = state else { return }
        _ = wanted(open: open)
    }

    /// No connection could be opened.
    /// - Parameter reason: Why, if that was not the server's doing.
    mutating func couldNotOpen(
        hinderedBy reason: CachesError?, _ backoff: Backoff, jitter: Double, now: ContinuousClock.Instant
    ) {
        hindrance = reason.map { Hindrance($0, after: hindrance, backoff, jitter: jitter, now: now) }
    }

    /// The connection that calls may use, or wait for.
    var offered: Connection? { hindrance == nil ? current : nil }

    /// A call is sent over the connection of that number that has lost one before.
    mutating func carriesRepeated(_ number: Int) { repeatedOn = number }

    /// The connection of that number is open.
    /// - Returns: Whether that was news.
    mutating func opened(_ number: Int, now: ContinuousClock.Instant) -> Bool {
        guard case .connecting(let connection) = state, connection.number == number else {
            return false
        }
        state = .up(connection, since: now)
        hindrance = nil
        return true
    }

    /// The connection of that number could not be opened, or is over, or is to be used no more.
    mutating func lost(_ number: Int, now: ContinuousClock.Instant) -> Loss {
        switch state {
        case .connecting(let connection) where connection.number == number:
            state = .idle
            return .unopened
        case .up(let connection, let since) where connection.number == number:
            state = .idle
            return now - since < minimumUptime && repeatedOn != number ? .young : .used
        case .closed(let connection?) where connection.number == number:
            state = .closed(nil)
            return .stale
        case .idle, .connecting, .up, .closed: return .stale
        }
    }

    /// The pool closes.
    /// - Returns: The connection to be closed, if there is one; the same one each time, until it is.
    mutating func close() -> Connection? {
        let connection = if case .closed(let connection) = state { connection } else { current }
        state = .closed(connection)
        return connection
    }

    /// A number for a connection that is opened beside the present one.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// A connection that was opened beside the present one takes its place.
    /// - Returns: The connection to be drained and closed: the former one; or the other itself, if the former has
    ///   been lost or closed meanwhile.
    mutating func replace(with other: Connection) -> Connection {
        guard case .up(let former, let since) = state else { return other }
        state = .up(other, since: since)
        return former
    }

    /// What users are told, as far as it is the connection's business.
    var summary: NodeState {
        switch state {
        case .idle: .idle
        case .connecting: .connecting
        case .up: .up
        case .closed: .closed
        }
    }
}

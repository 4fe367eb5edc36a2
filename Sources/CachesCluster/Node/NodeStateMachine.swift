import CachesTransport

/// A connection with its number at the node.
protocol NumberedConnection: Sendable {
    var number: Int { get }
}

/// The life of a node's connection: when to open one, and which calls may use it.
///
/// A value without I/O and without a clock. `Node` keeps it under its lock, beside its health, which says
/// when calls may ask for a connection.
///
///     idle ──wanted──► connecting ──opened──► up
///      ▲                   │                  │
///      └───────lost────────┴──────────────────┘
///
/// Calls wait while the node is `connecting`, since it may succeed. Connections are numbered, so that news of
/// an old one changes nothing.
struct NodeStateMachine<Connection: NumberedConnection>: Sendable {
    private enum State: Sendable {
        case idle
        case connecting(Connection)
        case up(Connection, since: ContinuousClock.Instant)
        /// With the connection that is being closed, until it is.
        case closed(Connection?)

        /// The connection that is open or being opened.
        var connection: Connection? {
            switch self {
            case .connecting(let connection), .up(let connection, _): connection
            case .idle, .closed: nil
            }
        }
    }

    /// The connection that has ended.
    enum Loss: Hashable, Sendable {
        /// A connection other than the current one.
        case stale
        /// A connection that could not be opened.
        case unopened
        /// A connection that had been open only briefly, and carried no call that had lost one before: it may
        /// have been useless.
        case young
        /// A connection that had been open for longer, or carried such a call: that call may be the cause.
        case used
    }

    private var state = State.idle { didSet { current = state.connection } }
    private var lastNumber = 0

    /// The number of the last connection that carried a call which had lost one before.
    private var repeatedOn: Int?

    /// The connection that is open or being opened. Kept beside the state, which each call would have to
    /// copy.
    private(set) var current: Connection?

    /// Why no connection can be opened, if the server is not the cause. Calls then don't wait for one.
    private(set) var hindrance: Hindrance?

    /// A connection lost sooner than this after it opened is ``Loss/young``.
    private let minimumUptime: Duration

    init(minimumUptime: Duration = .seconds(1)) { self.minimumUptime = minimumUptime }

    /// Returns a connection. `open` begins to open one with the given number.
    /// - Returns: The connection and whether it is open; nil once closed.
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

    /// Begins to open a connection while a hindrance keeps calls from waiting for one, if it is time.
    mutating func tryAgain(now: ContinuousClock.Instant, open: (_ number: Int) -> Connection) {
        guard let hindrance, now >= hindrance.until, case .idle = state else { return }
        _ = wanted(open: open)
    }

    /// Records that no connection could be opened.
    /// - Parameter reason: The cause, if it was not the server.
    mutating func couldNotOpen(
        hinderedBy reason: CachesError?, _ backoff: Backoff, jitter: Double, now: ContinuousClock.Instant
    ) {
        hindrance = reason.map { Hindrance($0, after: hindrance, backoff, jitter: jitter, now: now) }
    }

    /// The connection that calls may use, or wait for.
    var offered: Connection? { hindrance == nil ? current : nil }

    /// Records that a call which has lost a connection before is sent over the connection with this number.
    mutating func carriesRepeated(_ number: Int) { repeatedOn = number }

    /// Records that the connection with this number is open.
    /// - Returns: Whether that was news.
    mutating func opened(_ number: Int, now: ContinuousClock.Instant) -> Bool {
        guard case .connecting(let connection) = state, connection.number == number else {
            return false
        }
        state = .up(connection, since: now)
        hindrance = nil
        return true
    }

    /// Records that the connection with this number could not be opened, is over, or must not be used any
    /// more.
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

    /// Closes.
    /// - Returns: The connection to close, if there is one; the same one each time, until it is closed.
    mutating func close() -> Connection? {
        let connection = if case .closed(let connection) = state { connection } else { current }
        state = .closed(connection)
        return connection
    }

    /// A number for a connection opened beside the present one.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// Replaces the present connection with one that was opened beside it.
    /// - Returns: The connection to drain and close: the former one; or the new one itself, if the former has
    ///   been lost or closed meanwhile.
    mutating func replace(with other: Connection) -> Connection {
        guard case .up(let former, let since) = state else { return other }
        state = .up(other, since: since)
        return former
    }

    /// The state for users, as far as it depends on the connection.
    var summary: NodeState {
        switch state {
        case .idle: .idle
        case .connecting: .connecting
        case .up: .up
        case .closed: .closed
        }
    }
}

import CachesTransport

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
struct NodeStateMachine<Connection: Sendable>: Sendable {
    /// A connection with its number.
    struct Attempt: Sendable {
        let number: Int
        let connection: Connection
    }

    private enum State: Sendable {
        case idle
        case connecting(Attempt)
        case up(Attempt, since: ContinuousClock.Instant)
        /// With the connection that is being closed, until that is done.
        case closed(Attempt?)

        /// The connection that is open or being opened.
        var attempt: Attempt? {
            switch self {
            case .connecting(let attempt), .up(let attempt, _): attempt
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

    private var state = State.idle { didSet { current = state.attempt } }
    private var lastNumber = 0

    /// The last connection over which a call was sent that had lost one before.
    private var repeatedOn: Int?

    /// The connection that is open or being opened. Kept beside the state, which each call would have to copy.
    private(set) var current: Attempt?

    /// Why none can be opened, as far as that is not the server's doing. Calls don't wait for one then.
    private(set) var hindrance: Hindrance?

    /// A connection lost sooner than this after it opened is ``Loss/young``.
    private let minimumUptime: Duration

    init(minimumUptime: Duration = .seconds(1)) { self.minimumUptime = minimumUptime }

    /// A connection is wanted. `open` begins to open one with the given number.
    /// - Returns: The connection and whether it is open, nil once closed.
    mutating func wanted(open: (_ number: Int) -> Connection) -> (attempt: Attempt, isOpen: Bool)? {
        switch state {
        case .idle:
            lastNumber += 1
            let attempt = Attempt(number: lastNumber, connection: open(lastNumber))
            state = .connecting(attempt)
            return (attempt, false)
        case .connecting(let attempt): return (attempt, false)
        case .up(let attempt, _): return (attempt, true)
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
    var offered: Attempt? { hindrance == nil ? current : nil }

    /// A call is sent over the connection of that number that has lost one before.
    mutating func carriesRepeated(_ number: Int) { repeatedOn = number }

    /// The connection of that number is open.
    /// - Returns: Whether that was news.
    mutating func opened(_ number: Int, now: ContinuousClock.Instant) -> Bool {
        guard case .connecting(let attempt) = state, attempt.number == number else { return false }
        state = .up(attempt, since: now)
        hindrance = nil
        return true
    }

    /// The connection of that number could not be opened, or is over, or is to be used no more.
    mutating func lost(_ number: Int, now: ContinuousClock.Instant) -> Loss {
        switch state {
        case .connecting(let attempt) where attempt.number == number:
            state = .idle
            return .unopened
        case .up(let attempt, let since) where attempt.number == number:
            state = .idle
            return now - since < minimumUptime && repeatedOn != number ? .young : .used
        case .closed(let attempt?) where attempt.number == number:
            state = .closed(nil)
            return .stale
        case .idle, .connecting, .up, .closed: return .stale
        }
    }

    /// The pool closes.
    /// - Returns: The connection to be closed, if there is one; the same one each time, until it is.
    mutating func close() -> Connection? {
        let attempt = if case .closed(let attempt) = state { attempt } else { current }
        state = .closed(attempt)
        return attempt?.connection
    }

    /// A number for a connection that is opened beside the present one.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// A connection that was opened beside the present one takes its place.
    /// - Returns: The connection to be drained and closed: the former one; or the other itself, if the former has
    ///   been lost or closed meanwhile.
    mutating func replace(with attempt: Attempt) -> Connection {
        guard case .up(let former, let since) = state else { return attempt.connection }
        state = .up(attempt, since: since)
        return former.connection
    }

    /// Whether connections may still be opened.
    var isOpenable: Bool { if case .closed = state { false } else { true } }

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

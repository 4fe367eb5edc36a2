import CachesTransport

/// What may happen to a node's connection: when one is opened, who may use it, when it is tried again.
///
/// A value without I/O and without a clock. `Node` keeps it under its lock, tells it what happened, and does what
/// it says.
///
///     idle ──wanted──► connecting ──opened──► up
///                        │    ▲                │
///                      lost   └──── lost ──────┤ after having been up for long enough
///                        ▼                     │
///                      down ◄───── lost ───────┘ soon after it opened
///                        │▲
///                 retryDue└──lost──┐
///                        ▼         │
///                      probing ────┘──opened──► up
///
/// Calls wait while the node is `connecting`, since there is reason to hope; they fail at once while it is
/// `down` or `probing`. Connections are numbered, so that news of an old one changes nothing.
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
        case down(CachesError)
        case probing(Attempt, CachesError)
        /// With the connection that is being closed, until that is done.
        case closed(Attempt?)
    }

    /// What a call that wants to send gets.
    enum Access {
        case use(Connection)
        case fail(CachesError)
    }

    /// What to do after something happened.
    enum Action: Equatable {
        case nothing
        /// Try again after so many failures in a row.
        case retry(afterFailures: Int)
        /// It is down; try again. Said once an outage.
        case reportDown(afterFailures: Int)
        /// It is up again after an outage.
        case reportUp
    }

    private var state = State.idle
    private var lastNumber = 0
    private var failures = 0
    private var isReportedDown = false

    /// A connection lost sooner than this after it opened counts as a failure to open: a server that accepts
    /// and hangs up must not be asked without pause.
    private let minimumUptime: Duration

    init(minimumUptime: Duration = .seconds(1)) { self.minimumUptime = minimumUptime }

    /// A call wants to send. `open` begins to open a connection with the given number.
    mutating func wanted(open: (_ number: Int) -> Connection) -> Access {
        switch state {
        case .idle:
            let attempt = begin(open)
            state = .connecting(attempt)
            return .use(attempt.connection)
        case .connecting(let attempt), .up(let attempt, _): return .use(attempt.connection)
        case .down(let error), .probing(_, let error): return .fail(error)
        case .closed: return .fail(Self.closedError)
        }
    }

    /// The connection of that number is open.
    mutating func opened(_ number: Int, now: ContinuousClock.Instant) -> Action {
        switch state {
        case .connecting(let attempt) where attempt.number == number,
            .probing(let attempt, _) where attempt.number == number:
            state = .up(attempt, since: now)
            defer { isReportedDown = false }
            return isReportedDown ? .reportUp : .nothing
        default: return .nothing
        }
    }

    /// The connection of that number could not be opened, or is over.
    mutating func lost(
        _ number: Int, _ error: CachesError, now: ContinuousClock.Instant,
        open: (_ number: Int) -> Connection
    ) -> Action {
        switch state {
        case .up(let attempt, let since) where attempt.number == number:
            guard now - since < minimumUptime else {
                failures = 0
                state = .connecting(begin(open))
                return .nothing
            }
            return fail(error)
        case .connecting(let attempt) where attempt.number == number,
            .probing(let attempt, _) where attempt.number == number:
            return fail(error)
        case .closed(let attempt?) where attempt.number == number:
            state = .closed(nil)
            return .nothing
        default: return .nothing
        }
    }

    /// The time to try again has come.
    mutating func retryDue(open: (_ number: Int) -> Connection) {
        guard case .down(let error) = state else { return }
        state = .probing(begin(open), error)
    }

    /// The pool closes.
    /// - Returns: The connection to be closed, if there is one; the same one each time, until it is.
    mutating func close() -> Connection? {
        let attempt = if case .closed(let attempt) = state { attempt } else { current }
        state = .closed(attempt)
        return attempt?.connection
    }

    /// The connection that is open or being opened.
    var current: Attempt? {
        switch state {
        case .connecting(let attempt), .up(let attempt, _), .probing(let attempt, _): attempt
        case .idle, .down, .closed: nil
        }
    }

    /// What users are told.
    var summary: NodeState {
        switch state {
        case .idle: .idle
        case .connecting: .connecting
        case .up: .up
        case .down(let error), .probing(_, let error): .down(error)
        case .closed: .closed
        }
    }

    static var closedError: CachesError {
        CachesError(.closed, "The pool was closed.", advice: "Make calls before you close it.")
    }

    private mutating func begin(_ open: (_ number: Int) -> Connection) -> Attempt {
        lastNumber += 1
        return Attempt(number: lastNumber, connection: open(lastNumber))
    }

    private mutating func fail(_ error: CachesError) -> Action {
        state = .down(error)
        failures += 1
        defer { isReportedDown = true }
        return isReportedDown ? .retry(afterFailures: failures) : .reportDown(afterFailures: failures)
    }
}

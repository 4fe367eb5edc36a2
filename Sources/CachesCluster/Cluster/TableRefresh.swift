/// When a cluster is asked who owns what.
///
/// A value without I/O, clock and chance. `Cluster` keeps it under its lock, tells it what happened, and does
/// what it says.
///
///     idle ──wanted──► asking ──answered──► resting ──interval over, or wanted──► asking
///
/// One question is under way at a time. What is wanted meanwhile is asked for afterwards, since the answer
/// may be older. Questions that tell nothing new are asked ever more seldom: while a server is out, all of
/// its callers want to know who takes over, and that takes the cluster seconds.
struct TableRefresh: Sendable {
    private enum State: Hashable, Sendable {
        case idle
        case asking(isWantedAgain: Bool)
        /// Until the next question, which is asked because it is wanted, or because the interval is over.
        case resting(isWanted: Bool)
        case closed
    }

    enum Action: Hashable, Sendable {
        case nothing
        case ask
        /// Tell when the time is over; a wait that began earlier is of no use any more.
        case wait(step: Int, Duration)
    }

    private var state = State.idle
    private var step = 0

    /// Answers in a row that told nothing new, or that did not come, to questions that were wanted.
    private var vain = 0

    /// Answers in a row to questions that were wanted, whatever they told.
    private var streak = 0

    /// So many may tell something new at the full pace: a failover has one or two, and a reshard is learned from `MOVED`.
    /// After them it slows down, as if half of the answers had told nothing: a server that tells another table each time
    /// has all of them read, and in a large cluster that is work.
    static let longestStreak = 8

    /// When the last question was asked.
    private var asked: ContinuousClock.Instant?

    /// When a host of the DSN was last asked besides.
    private var seedAsked: ContinuousClock.Instant?

    private let interval: Duration

    /// After so many intervals a host of the DSN is asked besides: 2 minutes where nothing else is
    /// configured. The table in use may come from servers that are all wrong together, and the hosts of the
    /// DSN are its only judge.
    static let intervalsToSeed = 4

    /// How soon after one question another may be asked.
    static let backoff = Backoff(first: .milliseconds(100), cap: .seconds(1))

    /// - Parameter interval: How long an answer is good for, if nobody doubts it.
    init(interval: Duration) { self.interval = interval }

    /// Somebody needs to know.
    /// - Parameter jitter: From 0 to 1.
    mutating func want(now: ContinuousClock.Instant, jitter: Double) -> Action {
        switch state {
        case .idle: return ask(now)
        case .asking:
            state = .asking(isWantedAgain: true)
            return .nothing
        case .resting(isWanted: false): return rest(wanted: true, now, jitter)
        case .resting(isWanted: true), .closed: return .nothing
        }
    }

    /// The time of a wait is over.
    mutating func due(step: Int, now: ContinuousClock.Instant) -> Action {
        guard step == self.step, case .resting(let isWanted) = state else { return .nothing }
        if !isWanted { (vain, streak) = (0, 0) }
        return ask(now)
    }

    /// The question was answered, or nobody answered it.
    /// - Parameter isNews: Whether the answer is another than the last one.
    mutating func answered(isNews: Bool, now: ContinuousClock.Instant, jitter: Double) -> Action {
        guard case .asking(let isWantedAgain) = state else { return .nothing }
        vain = isNews ? 0 : vain + 1
        streak += 1
        return rest(wanted: isWantedAgain, now, jitter)
    }

    /// Whether a host of the DSN is asked besides with the question that begins now.
    /// - Parameter isComplete: Whether the table in use knows an owner of each slot. One that does not may
    ///   come from a server that has forgotten the others.
    mutating func asksSeed(isComplete: Bool, now: ContinuousClock.Instant) -> Bool {
        if isComplete, let seedAsked, now - seedAsked < interval * Self.intervalsToSeed { return false }
        seedAsked = now
        return true
    }

    mutating func close() { state = .closed }

    private mutating func ask(_ now: ContinuousClock.Instant) -> Action {
        asked = now
        state = .asking(isWantedAgain: false)
        return .ask
    }

    private mutating func rest(wanted: Bool, _ now: ContinuousClock.Instant, _ jitter: Double) -> Action {
        state = .resting(isWanted: wanted)
        step += 1
        guard wanted else { return .wait(step: step, interval * (0.9 + 0.2 * jitter)) }
        let failures = max(1, vain, (streak - Self.longestStreak) / 2)
        let soonest = (asked ?? now) + Self.backoff.delay(after: failures, jitter: jitter)
        return .wait(step: step, max(.zero, soonest - now))
    }
}

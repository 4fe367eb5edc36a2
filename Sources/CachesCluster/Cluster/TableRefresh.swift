/// When to ask a cluster for the owners of its slots.
///
/// A value without I/O, clock and chance. `Cluster` keeps it under its lock, tells it what happened, and
/// carries out its actions.
///
///     idle ──wanted──► asking ──answered──► resting ──interval over, or wanted──► asking
///
/// One poll runs at a time. A request that comes meanwhile starts another poll afterwards, since the answer
/// may be older. Polls that tell nothing new become ever rarer: while a server is out, all of its callers
/// request the table, and a takeover takes the cluster seconds.
struct TableRefresh: Sendable {
    private enum State: Hashable, Sendable {
        case idle
        case asking(isWantedAgain: Bool)
        /// Until the next poll, which begins because it was requested, or because the interval is over.
        case resting(isWanted: Bool)
        case closed
    }

    enum Action: Hashable, Sendable {
        case nothing
        case ask
        /// Report when the time is over; an earlier wait is obsolete.
        case wait(step: Int, Duration)
    }

    private var state = State.idle
    private var step = 0

    /// Consecutive requested polls that told nothing new, or got no answer.
    private var vain = 0

    /// Consecutive requested polls, whatever they told.
    private var streak = 0

    /// The most polls with news at the full pace: a failover has one or two, and a reshard is learned from
    /// `MOVED`. After them the pace slows down, as if half of the polls had told nothing: a server that tells
    /// another table each time has all of them read, which is work in a large cluster.
    static let longestStreak = 8

    /// When the last poll began.
    private var asked: ContinuousClock.Instant?

    /// When a host of the DSN was last asked in addition.
    private var seedAsked: ContinuousClock.Instant?

    private let interval: Duration

    /// After this many intervals a host of the DSN is also asked: every 2 minutes by default. The servers of
    /// the table in use may all be wrong together, and only the hosts of the DSN can show that.
    static let intervalsToSeed = 4

    /// The delay between two polls.
    static let backoff = Backoff(first: .milliseconds(100), cap: .seconds(1))

    /// - Parameter interval: How long an answer is valid, if nothing puts it in doubt.
    init(interval: Duration) { self.interval = interval }

    /// Requests a poll.
    /// - Parameter jitter: From 0 to 1.
    mutating func request(now: ContinuousClock.Instant, jitter: Double) -> Action {
        switch state {
        case .idle: return ask(now)
        case .asking:
            state = .asking(isWantedAgain: true)
            return .nothing
        case .resting(isWanted: false): return rest(wanted: true, now, jitter)
        case .resting(isWanted: true), .closed: return .nothing
        }
    }

    /// Handles the end of a wait.
    mutating func due(step: Int, now: ContinuousClock.Instant) -> Action {
        guard step == self.step, case .resting(let isWanted) = state else { return .nothing }
        if !isWanted { (vain, streak) = (0, 0) }
        return ask(now)
    }

    /// Handles the end of a poll, with or without an answer.
    /// - Parameter isNews: Whether the answer differs from the last one.
    mutating func answered(isNews: Bool, now: ContinuousClock.Instant, jitter: Double) -> Action {
        guard case .asking(let isWantedAgain) = state else { return .nothing }
        vain = isNews ? 0 : vain + 1
        streak += 1
        return rest(wanted: isWantedAgain, now, jitter)
    }

    /// Whether to also ask a host of the DSN in the poll that begins now.
    /// - Parameter isComplete: Whether every slot has an owner in the table in use. An incomplete table may
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

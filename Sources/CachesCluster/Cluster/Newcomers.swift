/// How many servers the tables of a cluster may bring in.
///
/// A table names `max-servers` at most, but a malicious server can name others each time it is asked, and
/// calls would connect to all of them. Real clusters grow by a few servers at a time. So twice as many as a
/// table may have are admitted at once, and after that a quarter of a table per minute; a table that brings
/// more is not used, and the one in use stays.
///
/// A value without I/O and clock.
struct Newcomers: Sendable {
    private let most: Int

    /// The time at which all admitted servers would be due, had they come evenly.
    private var horizon: ContinuousClock.Instant?

    /// - Parameter most: How many servers a table may name, 1 or more.
    init(most: Int) { self.most = max(1, most) }

    /// Each server moves the horizon by this much.
    private var interval: Duration { .seconds(240) / most }

    /// Admits some servers together, or refuses them all.
    /// - Returns: Whether they are admitted.
    mutating func admit(_ count: Int, now: ContinuousClock.Instant) -> Bool {
        let start = max(horizon ?? now, now)
        guard start - now + interval * count <= interval * (2 * most) else { return false }
        horizon = start + interval * count
        return true
    }
}

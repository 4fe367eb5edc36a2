/// How many servers the tables of a cluster may bring in.
///
/// A table names `max-servers` at most, but a server that means harm can name others each time it is asked, and calls
/// would connect to all of them. Real clusters grow by some servers at a time. So as many as a table may have, and as
/// many again, come at once, and after that a quarter of them in a minute; a table that brings more is not used, and
/// the one in use stays.
///
/// A value without I/O and clock.
struct Newcomers: Sendable {
    private let most: Int

    /// When those that came would all be due, had they come evenly.
    private var horizon: ContinuousClock.Instant?

    /// - Parameter most: How many servers a table may name, 1 or more.
    init(most: Int) { self.most = max(1, most) }

    /// So much each adds to the horizon.
    private var interval: Duration { .seconds(240) / most }

    /// Takes in some servers, or none of them.
    /// - Returns: Whether it does.
    mutating func admit(_ count: Int, now: ContinuousClock.Instant) -> Bool {
        let start = max(horizon ?? now, now)
        guard start - now + interval * count <= interval * (2 * most) else { return false }
        horizon = start + interval * count
        return true
    }
}

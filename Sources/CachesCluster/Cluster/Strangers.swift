/// Servers that no table of a cluster names, but `MOVED` or `ASK` does: they may name a server before the
/// table does. They are used for the redirected calls, and let go of soon. Few are connected to at a time: a
/// server that keeps naming other servers must not make this process connect to thousands. As each stays for
/// ``idleTime`` at least, no more than eight a second are new. Connecting to a server takes two descriptors
/// at most, since an address is tried a second time (`AddressRace`).
///
/// A value without I/O and clock.
struct Strangers: Sendable {
    /// The most at a time, beside a table: a reshard or a failover brings in one or two before the table has
    /// them.
    static let most = 16

    /// The most without a table: a user who may not ask for the table learns all servers by `MOVED`.
    static let mostWithoutTable = 128

    /// A server that got no call for this long is let go of.
    static let idleTime = Duration.seconds(2)

    /// When a call was last sent to each server.
    private var visits: [Cluster.Place: ContinuousClock.Instant] = [:]

    /// Records that a call is about to be sent to a server that no table names.
    /// - Parameters:
    ///   - isThere: Whether there is a node for it.
    ///   - named: The servers that the table names; nil: there is no table.
    /// - Returns: Whether the call may be sent.
    mutating func visit(
        _ place: Cluster.Place, isThere: Bool, besides named: Set<Cluster.Place>?,
        now: ContinuousClock.Instant
    ) -> Bool {
        if !isThere {
            // A server that the table names by now is no longer a stranger.
            let others = visits.keys.count { $0 != place && named?.contains($0) != true }
            guard others < (named == nil ? Self.mostWithoutTable : Self.most) else { return false }
        }
        visits[place] = now
        return true
    }

    /// Whether calls may be on their way to a server.
    func isInUse(_ place: Cluster.Place, now: ContinuousClock.Instant) -> Bool {
        visits[place].map { now - $0 < Self.idleTime } ?? false
    }

    /// Forgets all other servers.
    mutating func keep(_ places: Set<Cluster.Place>) { visits = visits.filter { places.contains($0.key) } }
}

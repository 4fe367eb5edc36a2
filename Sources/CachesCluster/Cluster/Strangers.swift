/// The servers that no table of a cluster names, and that are connected to nonetheless: `MOVED` and `ASK`
/// name them before the table does. They are used for the calls that were sent there, and let go of soon, and
/// there are few at a time: a server that names ever other ones must not have this process connect to
/// thousands. As one stays for ``idleTime`` at least, no more than eight a second are new. A server that is opened to
/// takes two descriptors at most, since an address is tried a second time (`AddressRace`).
///
/// A value without I/O and clock.
struct Strangers: Sendable {
    /// So many at a time, beside a table: a reshard or a failover brings in one or two before the table has
    /// them.
    static let most = 16

    /// So many without a table: a user who may not ask for the table learns all servers by `MOVED`.
    static let mostWithoutTable = 128

    /// One that no call was sent to for so long is let go of.
    static let idleTime = Duration.seconds(2)

    /// When a call was last sent to each.
    private var visits: [Cluster.Place: ContinuousClock.Instant] = [:]

    /// A call is about to be sent to a server that no table names.
    /// - Parameters:
    ///   - isThere: Whether there is a node for it.
    ///   - named: Those that the table names; nil: there is no table.
    /// - Returns: Whether it may be.
    mutating func visit(
        _ place: Cluster.Place, isThere: Bool, besides named: Set<Cluster.Place>?,
        now: ContinuousClock.Instant
    ) -> Bool {
        if !isThere {
            // What a table names by now is no stranger any more.
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

    /// Forgets all but these.
    mutating func keep(_ places: Set<Cluster.Place>) { visits = visits.filter { places.contains($0.key) } }
}

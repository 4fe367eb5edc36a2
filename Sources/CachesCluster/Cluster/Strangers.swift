/// The servers that no table of a cluster names, and that are connected to nonetheless: `MOVED` and `ASK`
/// name them before the table does. They are used for the calls that were sent there, and let go of soon, and
/// there are few at a time: a server that names ever other ones must not have this process connect to
/// thousands.
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
    ///   - others: How many others of them are connected to; nil if this one is, too.
    ///   - hasTable: Whether there is a table.
    /// - Returns: Whether it may be.
    mutating func visit(
        _ place: Cluster.Place, others: Int?, hasTable: Bool, now: ContinuousClock.Instant
    ) -> Bool {
        guard others ?? 0 < (hasTable ? Self.most : Self.mostWithoutTable) else { return false }
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

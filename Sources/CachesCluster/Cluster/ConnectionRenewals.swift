/// When a connection to a server of a cluster is left because the server sends calls to the address at which
/// it was asked.
///
/// Behind one address there may be another server by now, which only a new connection reaches: an address
/// that a failover moves, or a load balancer's. Where it is a wrong configuration instead, no connection
/// helps, and a fleet of processes must not open them without pause. So one is opened at once, and the next
/// ever later.
///
/// A value without I/O, clock and chance.
struct ConnectionRenewals: Sendable {
    private var renewals: [Cluster.Place: (last: ContinuousClock.Instant, count: Int)] = [:]

    static let backoff = Backoff(first: .seconds(1), cap: .seconds(30))

    /// After so long without another, the pace starts over.
    static let memory = Duration.seconds(60)

    /// Whether the connection to a server is to be renewed now.
    /// - Parameter jitter: From 0 to 1.
    mutating func renews(_ place: Cluster.Place, now: ContinuousClock.Instant, jitter: Double) -> Bool {
        guard let (last, count) = renewals[place], now - last < Self.memory else {
            renewals[place] = (now, 1)
            return true
        }
        guard now - last >= Self.backoff.delay(after: count, jitter: jitter) else { return false }
        renewals[place] = (now, count + 1)
        return true
    }

    /// Forgets all others.
    mutating func keep(_ places: Set<Cluster.Place>) {
        renewals = renewals.filter { places.contains($0.key) }
    }
}

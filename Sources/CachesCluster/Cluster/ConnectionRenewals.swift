/// When to replace a connection to a server of a cluster that redirects calls to the address it was asked at.
///
/// Behind one address there may be another server by now, which only a new connection reaches: an address
/// that a failover moves, or a load balancer's. If the cause is a wrong configuration, no connection helps,
/// and a fleet of processes must not open connections without pause. So the first is opened at once, and each
/// further one after a longer delay.
///
/// A value without I/O, clock and chance.
struct ConnectionRenewals: Sendable {
    private var renewals: [Cluster.Place: (last: ContinuousClock.Instant, count: Int)] = [:]

    static let backoff = Backoff(first: .seconds(1), cap: .seconds(30))

    /// The pace starts over after this long without a renewal.
    static let memory = Duration.seconds(60)

    /// Whether to renew the connection to a server now.
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

    /// Forgets all other servers.
    mutating func keep(_ places: Set<Cluster.Place>) {
        renewals = renewals.filter { places.contains($0.key) }
    }
}

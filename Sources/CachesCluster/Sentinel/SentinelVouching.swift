import CachesTransport

/// Whether one Sentinel's answer is enough to send a password to the server that it names.
///
/// Without TLS a server proves nothing, and an attacker who runs one Sentinel, or can write to it, could name
/// a server of his own and be sent the password of the others. So two Sentinels of the configuration have to
/// name the server: one that is only announced may be the same attacker's. A server that two of them listed
/// as a replica before is known. If the configuration names only one Sentinel, its answer has to do.
///
/// The price: a program that starts while all but one of the Sentinels are out finds no primary, unless it is
/// reached by TLS or without a password.
///
/// A value without I/O and clock, a part of ``SentinelStateMachine``.
struct SentinelVouching: Sendable {
    /// Whether one answer is not enough: a password is sent, and no certificate is checked.
    let isNeeded: Bool

    /// The Sentinels that the configuration names.
    let configured: [Endpoint]

    /// Servers that two of these Sentinels have listed as replicas.
    private(set) var replicas: Set<Endpoint> = []

    init(isNeeded: Bool, configured: [Endpoint]) {
        self.isNeeded = isNeeded
        self.configured = configured
    }

    /// Whether a server that some Sentinels name as the primary may be sent a password.
    ///
    /// - Parameter distinct: Counts distinct Sentinels.
    func holds(
        for endpoint: Endpoint, namedBy voters: [Endpoint], distinct: ([Endpoint]) -> Int
    ) -> Bool {
        replicas.contains(endpoint) || isEnough(voters, distinct)
    }

    /// Whether two Sentinels of the configuration say it, or vouching is not needed.
    func isEnough(_ voters: [Endpoint], _ distinct: ([Endpoint]) -> Int) -> Bool {
        guard isNeeded else { return true }
        return distinct(configured.filter(voters.contains)) >= min(2, distinct(configured))
    }

    /// The endpoints that enough Sentinels list.
    func vouched(
        _ lists: [(sentinel: Endpoint, endpoints: [Endpoint])], distinct: ([Endpoint]) -> Int
    ) -> Set<Endpoint> {
        let all = Set(lists.flatMap(\.endpoints))
        guard isNeeded else { return all }
        return all.filter { endpoint in
            isEnough(lists.filter { $0.endpoints.contains(endpoint) }.map(\.sentinel), distinct)
        }
    }

    /// Records the replicas that enough Sentinels listed in a round.
    mutating func learned(replicas: Set<Endpoint>) {
        if !replicas.isEmpty { self.replicas = replicas }
    }
}

extension ConnectionConfiguration {
    /// Whether a password is sent to an unproved server: without TLS, or without a check of the certificate.
    var sendsPasswordUnproved: Bool {
        guard credentials != nil || credentialsProvider != nil else { return false }
        return tls.map { $0.verification == TLSConfiguration.Verification.none } ?? true
    }
}

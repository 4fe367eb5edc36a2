import CachesTransport

/// Whether the word of a Sentinel is enough to send a password to the server that it names.
///
/// Without TLS a server proves nothing, and whoever runs one Sentinel, or can write to it, could name a
/// server of his own and be sent the password of the others. So then two Sentinels have to name it, of those
/// that the configuration names: one that is only announced may be the same stranger's. A server that two of
/// them listed as a replica before is known. Where the configuration names one Sentinel alone, its word is
/// all there is.
///
/// This costs one thing: a program that starts while all but one of the Sentinels are out finds no primary,
/// unless it is reached by TLS or without a password.
///
/// A value without I/O and clock, a part of ``SentinelStateMachine``.
struct SentinelVouching: Sendable {
    /// Whether one is not enough: a password is sent, and no certificate is checked.
    let isNeeded: Bool

    /// The Sentinels that the configuration names.
    let configured: [Endpoint]

    /// Servers that two of these have listed as replicas.
    private(set) var replicas: Set<Endpoint> = []

    init(isNeeded: Bool, configured: [Endpoint]) {
        self.isNeeded = isNeeded
        self.configured = configured
    }

    /// Whether a server that some Sentinels name as the primary is sent a password.
    ///
    /// - Parameter distinct: How many Sentinels some are.
    func holds(
        for endpoint: Endpoint, namedBy voters: [Endpoint], distinct: ([Endpoint]) -> Int
    ) -> Bool {
        replicas.contains(endpoint) || isEnough(voters, distinct)
    }

    /// Whether what some Sentinels say, is said by two that count, or need not be.
    func isEnough(_ voters: [Endpoint], _ distinct: ([Endpoint]) -> Int) -> Bool {
        guard isNeeded else { return true }
        return distinct(configured.filter(voters.contains)) >= min(2, distinct(configured))
    }

    /// What some Sentinels list, of those that enough of them do.
    func vouched(
        _ lists: [(sentinel: Endpoint, endpoints: [Endpoint])], distinct: ([Endpoint]) -> Int
    ) -> Set<Endpoint> {
        let all = Set(lists.flatMap(\.endpoints))
        guard isNeeded else { return all }
        return all.filter { endpoint in
            isEnough(lists.filter { $0.endpoints.contains(endpoint) }.map(\.sentinel), distinct)
        }
    }

    /// A round is over in which these were listed as replicas by enough of them.
    mutating func learned(replicas: Set<Endpoint>) {
        if !replicas.isEmpty { self.replicas = replicas }
    }
}

extension ConnectionConfiguration {
    /// Whether a password is sent to whoever answers: without TLS, or without a look at the certificate.
    var sendsPasswordUnproved: Bool {
        guard credentials != nil || credentialsProvider != nil else { return false }
        return tls.map { $0.verification == TLSConfiguration.Verification.none } ?? true
    }
}

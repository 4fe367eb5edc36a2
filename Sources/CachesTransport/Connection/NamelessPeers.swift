/// Peers that close a connection when it is given a name, as twemproxy does: `CLIENT SETNAME` is left out
/// there.
///
/// Found out by connecting again without the name, which costs a second connection; so it is remembered, for
/// a while: the next peer at the address may be a server.
struct NamelessPeers: Sendable {
    private var until: [Endpoint: Int64] = [:]

    /// How long it is remembered, in milliseconds: ten minutes.
    static let memory: Int64 = 600_000

    /// More are forgotten at random: that costs one connection each.
    private static let most = 256

    static let shared = Locked(NamelessPeers())

    /// Whether the peer at an endpoint is known to take no name.
    func contains(_ endpoint: Endpoint, now: Int64) -> Bool { until[endpoint].map { now < $0 } ?? false }

    /// A connection to an endpoint was closed when it was given a name, and opened without one.
    mutating func insert(_ endpoint: Endpoint, now: Int64) {
        until = until.filter { now < $0.value }
        if until.count >= Self.most, let other = until.keys.first { until[other] = nil }
        until[endpoint] = now + Self.memory
    }
}

/// The times in which processes of a run did not get to run though no fault caused it: the servers and the
/// clients share a machine with each other, and often with other programs.
struct Starvation {
    /// The times of each client process, in order.
    private let clients: [[ClosedRange<Int64>]]

    /// The times of each server, in order.
    private let servers: [Int: [ClosedRange<Int64>]]

    /// The shortest starvation that excuses lateness, in microseconds.
    static let least: Int64 = 100_000

    init(of views: [ClientView], _ bystanders: Bystanders, faults: [Fault]) {
        clients = views.map(\.starvation)
        servers = Dictionary(grouping: bystanders.silences, by: \.server).mapValues { silences in
            silences.filter { silence in
                !faults.contains {
                    $0.server == silence.server && $0.client == nil && $0.begin <= silence.end
                        && silence.begin <= $0.end
                }
            }.map { $0.begin...$0.end }
        }
    }

    /// Whether a server, or any of the clients, was kept from running for long between two times.
    func explains(_ server: Int, from begin: Int64, to end: Int64) -> Bool {
        (clients + [servers[server] ?? []]).contains { $0.total(from: begin, to: end) > Self.least }
    }

    /// How long each server was starved, in microseconds.
    var ofServers: [Int: Int64] {
        servers.mapValues { ranges in ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound } }
    }
}

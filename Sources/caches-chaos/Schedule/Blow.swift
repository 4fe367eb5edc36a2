import CachesTesting

/// A strike of a schedule: one fault, or several that are of interest only together.
enum Blow: Hashable, Sendable, CaseIterable {
    /// One server is killed, or frozen, or the way to it is broken, for all clients or for one.
    case restart, loss, freeze, partition, refusal, slowness
    /// Two servers are frozen at once.
    case twoFrozen
    /// Several servers, which may be most of them, are cut off from one client alone.
    case severalForOne
    /// Servers close the connections of all clients, or of one.
    case hangUp
    /// A server restarts without data, or loses it, while another is out for everybody: notes of writes are
    /// lost.
    case standInLost, standInFlushed
    /// A client's process is frozen, or killed and replaced.
    case clientStopped, clientKilled

    /// How long a client is frozen, in microseconds: longer than any lock or deadline that others may wait
    /// for.
    static let clientStop: Int64 = 6_000_000

    /// How many servers the blow affects for all clients.
    var servers: Int {
        switch self {
        case .restart, .loss, .freeze, .partition, .refusal, .slowness: 1
        case .twoFrozen, .standInLost, .standInFlushed: 2
        case .severalForOne, .hangUp, .clientStopped, .clientKilled: 0
        }
    }
}

/// The servers and clients that a blow can strike.
struct Targets {
    /// The servers without a fault.
    var servers: [Int]
    /// The clients without a fault.
    var clients: [Int]
    /// How many clients there are in all.
    var allClients: Int
}

extension Blow {
    /// The faults of one such blow; nil if there are too few targets.
    ///
    /// - Parameter begin: The time at which the blow begins, in microseconds.
    func faults(
        at begin: Int64, on targets: Targets, using generator: inout SplitMix64
    ) -> [Fault]? {
        let servers = targets.servers.shuffled(using: &generator)
        guard servers.count >= self.servers else { return nil }
        let length = Self.length(using: &generator)
        func fault(_ kind: Fault.Kind, _ server: Int?, client: Int? = nil, length other: Int64? = nil)
            -> Fault
        {
            Fault(kind: kind, server: server, client: client, begin: begin, end: begin + (other ?? length))
        }
        switch self {
        case .restart: return [fault(.kill(keepsData: true), servers[0])]
        case .loss: return [fault(.kill(keepsData: false), servers[0])]
        case .freeze: return [fault(.pause, servers[0])]
        case .twoFrozen: return servers.prefix(2).map { fault(.pause, $0) }
        case .partition:
            return [
                fault(
                    .partition(Self.way(using: &generator)), servers[0],
                    client: Self.allOrOne(targets, using: &generator))
            ]
        case .refusal:
            return [fault(.refuse, servers[0], client: Self.allOrOne(targets, using: &generator))]
        case .slowness:
            let delay = Int.random(in: 10...200, using: &generator)
            return [
                fault(
                    .delay(milliseconds: delay), servers[0],
                    client: Self.allOrOne(targets, using: &generator))
            ]
        case .severalForOne:
            guard servers.count >= 2 else { return nil }
            let count = Int.random(in: 2...servers.count, using: &generator)
            let kind =
                Bool.random(using: &generator) ? .refuse : Fault.Kind.partition(Self.way(using: &generator))
            let client = Int.random(in: 0..<targets.allClients, using: &generator)
            return servers.prefix(count).map { fault(kind, $0, client: client) }
        case .hangUp:
            guard !servers.isEmpty else { return nil }
            let count = Int.random(in: 1...servers.count, using: &generator)
            let client = Self.allOrOne(targets, using: &generator)
            return servers.prefix(count).map { fault(.hangUp, $0, client: client, length: 100_000) }
        case .standInLost, .standInFlushed:
            let owner = fault(
                Bool.random(using: &generator) ? .refuse : .pause, servers[0],
                length: Int64.random(in: 3_000_000...6_000_000, using: &generator))
            let kind: Fault.Kind = self == .standInLost ? .kill(keepsData: false) : .flush
            var standIn = fault(kind, servers[1], length: 300_000)
            let delay = Int64.random(in: 1_200_000...2_500_000, using: &generator)
            standIn.begin += delay
            standIn.end += delay
            return [owner, standIn]
        case .clientStopped:
            guard let client = targets.clients.randomElement(using: &generator) else { return nil }
            return [fault(.stopClient, nil, client: client, length: Self.clientStop)]
        case .clientKilled:
            guard let client = targets.clients.randomElement(using: &generator) else { return nil }
            return [fault(.killClient, nil, client: client, length: min(length, 3_000_000))]
        }
    }

    /// Half of the faults are short: otherwise nearly all would be long.
    private static func length(using generator: inout SplitMix64) -> Int64 {
        let short = Bool.random(using: &generator)
        return Int64.random(in: 200_000...(short ? 1_000_000 : 8_000_000), using: &generator)
    }

    private static func way(using generator: inout SplitMix64) -> Fault.Way {
        Fault.Way.allCases.randomElement(using: &generator)!
    }

    private static func allOrOne(_ targets: Targets, using generator: inout SplitMix64) -> Int? {
        Bool.random(using: &generator) ? nil : Int.random(in: 0..<targets.allClients, using: &generator)
    }
}

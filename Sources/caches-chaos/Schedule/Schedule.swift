import CachesTesting

/// The faults of a run, which follow from a seed alone.
struct Schedule: Hashable, Sendable {
    /// The faults in the order in which they begin. Those of one server, or of one client's process, don't
    /// overlap.
    let faults: [Fault]

    /// The time without faults at the beginning, so that there is a state to compare the end with.
    static let quietStart: Int64 = 5_000_000

    /// The time without faults at the end: everything has time to come back.
    static let quietEnd: Int64 = 15_000_000

    private static let pause: ClosedRange<Int64> = 300_000...2_500_000

    /// - Parameters:
    ///   - microseconds: How long the run takes in all.
    ///   - servers: The number of servers. At most half of them, rounded down, have a fault for all clients
    ///     at a time. For one client alone all of them may have one.
    ///   - clients: The number of clients. The last of several starts late.
    init(seed: UInt64, microseconds: Int64, servers: Int, clients: Int) {
        var generator = SplitMix64(seed: seed)
        var faults: [Fault] = []
        let last = microseconds - Self.quietEnd
        if clients > 1, last > Self.quietStart {
            faults.append(
                Fault(kind: .lateStart, server: nil, client: clients - 1, begin: 0, end: last / 3))
        }
        // Each kind of blow comes once before any comes a second time, so that a short run has all kinds.
        let blows = Blow.allCases.filter { $0.servers <= servers / 2 }
        var bag: [Blow] = []
        var now = Self.quietStart
        while true {
            now += Int64.random(in: Self.pause, using: &generator)
            guard now < last else { break }
            if bag.isEmpty { bag = blows.shuffled(using: &generator) }
            let busy = faults.filter { $0.end >= now }
            let suffering = Set(busy.filter { $0.client == nil }.compactMap(\.server)).count
            let targets = Targets(
                servers: (0..<servers).filter { server in !busy.contains { $0.server == server } },
                clients: (0..<clients).filter { client in
                    !busy.contains { $0.client == client && $0.kind.isOfClient }
                }, allClients: clients)
            // Takes the first blow that can strike now. The others wait.
            for index in bag.indices where suffering + bag[index].servers <= servers / 2 {
                guard let blow = bag[index].faults(at: now, on: targets, using: &generator) else { continue }
                bag.remove(at: index)
                faults += blow.compactMap { $0.ending(by: last) }
                break
            }
        }
        self.faults = faults.sorted { $0.begin < $1.begin }
    }
}

extension Fault {
    /// The fault, cut off at a time; nil if it would begin after that.
    fileprivate func ending(by last: Int64) -> Fault? {
        guard begin < last else { return nil }
        var fault = self
        fault.end = min(end, last)
        return fault
    }
}

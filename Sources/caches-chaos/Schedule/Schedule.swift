import CachesTesting

/// The faults of a run, which follow from a seed alone.
struct Schedule: Hashable, Sendable {
    /// In the order in which they begin. Of one server none overlaps another.
    let faults: [Fault]

    /// Nothing happens before, so that there is a beginning to compare the end with.
    static let quietStart: Int64 = 5_000_000

    /// Nothing happens so long before the end: everything has time to come back.
    static let quietEnd: Int64 = 15_000_000

    private static let pause: ClosedRange<Int64> = 300_000...2_500_000
    private static let lengths: ClosedRange<Int64> = 200_000...8_000_000

    /// - Parameters:
    ///   - microseconds: How long the run takes in all.
    ///   - servers: How many there are; at most half of them, rounded down, suffer at a time.
    ///   - clients: How many there are.
    init(seed: UInt64, microseconds: Int64, servers: Int, clients: Int) {
        var generator = SplitMix64(seed: seed)
        var faults: [Fault] = []
        var now = Self.quietStart
        let last = microseconds - Self.quietEnd
        while true {
            now += Int64.random(in: Self.pause, using: &generator)
            guard now < last else { break }
            let busy = faults.filter { $0.end >= now }.map(\.server)
            let free = (0..<servers).filter { !busy.contains($0) }
            guard busy.count < servers / 2, let server = free.randomElement(using: &generator) else {
                continue
            }
            // Short ones are as many as long ones, or nearly all would be long.
            let short = Bool.random(using: &generator)
            let length = Int64.random(
                in: short ? Self.lengths.lowerBound...1_000_000 : Self.lengths, using: &generator)
            let kind = Self.kind(using: &generator)
            faults.append(
                Fault(
                    kind: kind, server: server, client: Self.client(of: kind, clients, using: &generator),
                    begin: now, end: min(now + length, last)))
        }
        self.faults = faults
    }

    private static func kind(using generator: inout SplitMix64) -> Fault.Kind {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...1: .kill(keepsData: true)
        case 2...3: .kill(keepsData: false)
        case 4...5: .pause
        case 6...7: .partition(Fault.Way.allCases.randomElement(using: &generator)!)
        case 8: .refuse
        default: .delay(milliseconds: Int.random(in: 10...200, using: &generator))
        }
    }

    /// What happens to a server happens to all; a way to it may be a single client's.
    private static func client(
        of kind: Fault.Kind, _ clients: Int, using generator: inout SplitMix64
    ) -> Int? {
        switch kind {
        case .kill, .pause: nil
        case .partition, .refuse, .delay:
            Bool.random(using: &generator) ? nil : Int.random(in: 0..<clients, using: &generator)
        }
    }
}

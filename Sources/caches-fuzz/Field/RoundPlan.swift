import CachesTesting

/// The properties of one round. All of them follow from the seed and the round's number.
struct RoundPlan: Sendable {
    /// How the servers of a round are found.
    enum Arrangement: CaseIterable {
        case one, two, cluster, sentinel
    }

    let seed: UInt64
    let number: Int
    let arrangement: Arrangement
    /// How many of a hundred commands get a lie.
    let share: Int
    /// The kinds of lies, each repeated by its frequency.
    let lies: [HostileServer.Lie]
    /// Whether the commands that open a connection and those that ask for addresses get lies as well.
    let liesToOpenings: Bool
    /// How many milliseconds a call may take.
    let deadline: Int
    /// The calls during which the second server is out.
    let outage: Range<Int>
    /// The policy of calls while a node is out; 0 for the default.
    let policy: Int

    /// How many calls a round has at most.
    static let calls = 100

    init(seed: UInt64, number: Int, without: Set<HostileServer.Lie>) {
        self.seed = seed
        self.number = number
        var generator = SplitMix64(seed: Self.mixed(seed, UInt64(number)))
        func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
        let arrangements: [Arrangement] = [.one, .one, .one, .two, .two, .two, .cluster, .cluster, .sentinel]
        arrangement = arrangements[below(arrangements.count)]
        share = [3, 10, 30, 60, 100][below(5)]
        let kinds = HostileServer.Lie.allCases.filter { !without.contains($0) }
        var chosen = kinds
        if below(100) < 50 { chosen = (0..<2).compactMap { _ in kinds.randomElement(using: &generator) } }
        lies = chosen.flatMap { Array(repeating: $0, count: Self.frequency(of: $0)) }
        liesToOpenings = below(100) < 15
        deadline = [100, 200, 500][below(3)]
        let begin = below(Self.calls)
        outage = below(100) < 40 ? begin..<(begin + 1 + below(20)) : 0..<0
        policy = below(8)
    }

    /// How often a kind is chosen. Kinds that make a call wait until its deadline are chosen less often.
    private static func frequency(of lie: HostileServer.Lie) -> Int {
        switch lie {
        case .silence, .slowness, .floods: 1
        case .announcements, .truncation, .nesting, .redirections: 2
        default: 6
        }
    }

    /// A number that follows from two numbers.
    static func mixed(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: first)
        return SplitMix64(seed: generator.next() ^ second).first
    }
}

extension SplitMix64 {
    fileprivate var first: UInt64 {
        var copy = self
        return copy.next()
    }
}

import CachesTransport
import Testing

@testable import CachesCluster

/// The servers that are asked for the table, and the number of answers that is enough.
@Suite struct TablePollTests {
    typealias Rules = TableElectionTests

    private static func voter(_ number: Int) -> TablePoll.Voter {
        .init(endpoint: Rules.at(number), isReplica: false)
    }

    private func poll(
        _ present: SlotTable?, _ servers: [Int], seeds: [Int], asksSeed: Bool = false
    ) -> TablePoll {
        TablePoll(
            present: present, servers: servers.map(Self.voter), seeds: seeds.map(Rules.at), asksSeed: asksSeed
        )
    }

    private func asked(_ action: TablePoll.Action) -> [TablePoll.Voter]? {
        if case .ask(let voters) = action { voters } else { nil }
    }

    private func outcome(_ action: TablePoll.Action) -> TablePoll.Outcome? {
        if case .over(let outcome) = action { outcome } else { nil }
    }

    private func waits(_ action: TablePoll.Action) -> Bool { if case .wait = action { true } else { false } }

    private let refused = TablePoll.Word.failure(CachesError(.unreachable, "No connection."))

    @Test("In the usual case one server is asked, and tells nothing new")
    func usual() {
        var poll = poll(Rules.whole, [1, 2, 3], seeds: [1, 2, 3])
        #expect(asked(poll.begin()) == [Self.voter(1)])
        #expect(outcome(poll.heard(.table(Rules.whole), from: Self.voter(1)))?.table == Rules.whole)
    }

    @Test("One server is enough to believe that replicas come or go")
    func replicas() {
        var ranges = Rules.whole.ranges
        ranges[0].replicas = [Rules.at(7)]
        let table = SlotTable(ranges: ranges, identities: Rules.whole.identities.union(["c7"]))
        var poll = poll(Rules.whole, [1, 2, 3], seeds: [1])
        _ = poll.begin()
        #expect(outcome(poll.heard(.table(table), from: Self.voter(1)))?.table == table)
    }

    @Test("Two more servers are asked about a change, and two of three that agree are enough")
    func news() {
        var poll = poll(Rules.whole, [1, 2, 3], seeds: [1])
        _ = poll.begin()
        let more = poll.heard(.table(Rules.newer), from: Self.voter(1))
        #expect(asked(more) == [Self.voter(2), Self.voter(3)])
        #expect(outcome(poll.heard(.table(Rules.newer), from: Self.voter(3)))?.table == Rules.newer)
        #expect(waits(poll.heard(.table(Rules.whole), from: Self.voter(2))) == true, "it is over")
    }

    @Test("More servers are asked if these disagree, up to a bound")
    func disagreement() {
        var poll = poll(Rules.whole, Array(1...20), seeds: [30, 31])
        #expect(asked(poll.begin())?.count == 1)
        #expect(asked(poll.heard(.table(Rules.newer), from: Self.voter(1)))?.count == 2)
        #expect(waits(poll.heard(refused, from: Self.voter(30))) == true)
        let rest = asked(poll.heard(.table(Rules.whole), from: Self.voter(2)))
        #expect(rest?.count == 4)
        #expect(rest?.contains(Self.voter(31)) == true, "hosts of the DSN and servers by turns")
        for voter in (rest ?? []).dropLast() { _ = poll.heard(refused, from: voter) }
        #expect(outcome(poll.heard(refused, from: rest?.last ?? Self.voter(0)))?.table == Rules.whole)
    }

    @Test("As long as nobody answers, all are asked, and then it says why")
    func nobody() {
        var poll = poll(Rules.whole, Array(1...9), seeds: [30])
        var action = poll.begin()
        var count = 0
        while let voters = asked(action) {
            count += voters.count
            for voter in voters { action = poll.heard(refused, from: voter) }
        }
        #expect(count == 10)
        #expect(outcome(action)?.fault?.code == .unreachable)
        #expect(outcome(action)?.table == nil)
    }

    @Test("At the start three hosts of the DSN are asked at once, and two that agree are enough")
    func start() {
        var poll = poll(nil, [4, 3, 2, 1], seeds: [1, 2, 3, 4])
        #expect(asked(poll.begin()) == [Self.voter(4), Self.voter(3), Self.voter(2)])
        #expect(waits(poll.heard(.table(Rules.whole), from: Self.voter(2))) == true)
        #expect(outcome(poll.heard(.table(Rules.whole), from: Self.voter(4)))?.table == Rules.whole)
    }

    @Test("A host of the DSN is asked as well, and waited for")
    func besides() {
        var poll = poll(Rules.foreign, [3, 8, 9], seeds: [3, 1, 2], asksSeed: true)
        #expect(asked(poll.begin()) == [Self.voter(3), Self.voter(1)])
        #expect(waits(poll.heard(.table(Rules.foreign), from: Self.voter(3))) == true)
        // It contradicts: all are asked, and the DSN decides.
        let more = asked(poll.heard(.table(Rules.newer), from: Self.voter(1)))
        #expect(more == [Self.voter(8), Self.voter(2)])
        #expect(waits(poll.heard(.table(Rules.foreign), from: Self.voter(8))) == true)
        #expect(asked(poll.heard(.table(Rules.newer), from: Self.voter(2))) == [Self.voter(9)])
        #expect(outcome(poll.heard(.table(Rules.foreign), from: Self.voter(9)))?.table == Rules.newer)
    }

    @Test("An answer that this is not a cluster counts more than a missing answer")
    func faults() {
        var poll = poll(nil, [1, 2], seeds: [1, 2])
        _ = poll.begin()
        _ = poll.heard(.failure(CachesError(.configuration, "It is no cluster.")), from: Self.voter(1))
        #expect(outcome(poll.heard(refused, from: Self.voter(2)))?.fault?.code == .configuration)
    }

    @Test("Any answers in any order: it ends, and asks no server twice")
    func property() {
        var generator = SplitMix64(seed: 11)
        let tables = [Rules.whole, Rules.newer, Rules.alone, Rules.rest, Rules.foreign, Rules.lame]
        for _ in 0..<500 {
            var poll = poll(
                [nil, Rules.whole, Rules.alone].randomElement(using: &generator)!,
                Array(1 ... .random(in: 1...9, using: &generator)), seeds: [1, 3, 8],
                asksSeed: .random(using: &generator))
            var waiting: [TablePoll.Voter] = []
            var all: Set<TablePoll.Voter> = []
            var action = poll.begin()
            var end: TablePoll.Outcome?
            while end == nil {
                switch action {
                case .over(let outcome): end = outcome
                case .ask(let voters):
                    for voter in voters { #expect(all.insert(voter).inserted) }
                    waiting += voters
                case .wait: break
                }
                guard end == nil, let voter = waiting.randomElement(using: &generator) else { break }
                waiting.removeAll { $0 == voter }
                let word: TablePoll.Word =
                    Bool.random(using: &generator)
                    ? refused : .table(tables.randomElement(using: &generator)!)
                action = poll.heard(word, from: voter)
            }
            #expect(end != nil)
        }
    }
}

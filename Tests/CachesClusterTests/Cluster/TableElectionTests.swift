import CachesTransport
import Testing

@testable import CachesCluster

/// The decision about several servers' answers: every rule, and every tie.
@Suite struct TableElectionTests {
    /// The address of server `number`.
    static func at(_ number: Int) -> Endpoint { .tcp(host: "10.0.0.\(number)", port: 6379) }

    /// A table in which `owners` share the slots, or the slots given; its servers have identifiers of their
    /// own.
    static func table(
        _ owners: [Int], cluster: String = "c", slots: ClosedRange<Int> = 0...16_383,
        at: (Int) -> Endpoint = at
    ) -> SlotTable {
        let size = (slots.count + owners.count - 1) / owners.count
        let ranges = owners.enumerated().map { index, owner in
            let first = slots.lowerBound + index * size
            return SlotTable.Range(
                slots: first...min(first + size - 1, slots.upperBound), master: at(owner), replicas: [])
        }
        return SlotTable(ranges: ranges, identities: Set(owners.map { "\(cluster)\($0)" }))
    }

    /// All three masters.
    static let whole = table([1, 2, 3])
    /// The same after a replica has taken over from the third.
    static let newer = SlotTable(ranges: table([1, 2, 4]).ranges, identities: ["c1", "c2", "c3", "c4"])
    /// The answer of the first server, which was made to forget the others.
    static let alone = table([1], slots: 0...5461)
    /// The answer of the others, which were made to forget the first.
    static let rest = table([2, 3], slots: 5462...16_383)
    /// Another cluster, one of whose servers has got the address of the third.
    static let foreign = table([3, 8, 9], cluster: "x")
    /// Another cluster, not all of whose slots have an owner.
    static let lame = table([8, 9], cluster: "x", slots: 0...9999)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let present: SlotTable?
        /// The hosts of the DSN.
        let seeds: [Int]
        let votes: [(Int, SlotTable)]
        var asked: Int?
        /// nil if the table in use stays.
        let expected: SlotTable?
        var unheard: [Int] = []

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        // At the start.
        Case(name: "one host, one answer", present: nil, seeds: [1], votes: [(1, whole)], expected: whole),
        Case(
            name: "a cluster of one server", present: nil, seeds: [1], votes: [(1, table([1]))],
            expected: table([1])),
        Case(
            name: "the only one that answers", present: nil, seeds: [1, 2, 3], votes: [(1, alone)], asked: 3,
            expected: alone),
        Case(
            name: "one that forgot the others, first", present: nil, seeds: [1, 2, 3],
            votes: [(1, alone), (2, whole), (3, whole)], expected: whole, unheard: [1]),
        Case(
            name: "one that forgot the others, and one that knows it", present: nil, seeds: [1, 2],
            votes: [(1, alone), (2, whole)], expected: whole, unheard: [1]),
        Case(
            name: "all forgot each other: most hosts", present: nil, seeds: [1, 2, 3],
            votes: [(1, alone), (2, rest), (3, rest)], expected: rest, unheard: [1]),
        Case(
            name: "all forgot each other, a host each: most slots", present: nil, seeds: [1, 2],
            votes: [(1, alone), (2, rest)], expected: rest, unheard: [1]),
        Case(
            name: "an address that another cluster has got, first", present: nil, seeds: [3, 1, 2],
            votes: [(3, foreign), (1, newer), (2, newer)], expected: newer, unheard: [3]),
        Case(
            name: "a host each in two clusters: the DSN's order", present: nil, seeds: [3, 1],
            votes: [(1, newer), (3, foreign)], expected: foreign, unheard: [1]),
        Case(
            name: "two answers about one cluster, linked by a third", present: nil, seeds: [1, 2, 3, 8],
            votes: [(1, alone), (2, rest), (8, foreign), (3, whole)], expected: whole, unheard: [8, 1, 2]),

        // With a table in use.
        Case(name: "nothing new", present: whole, seeds: [1], votes: [(2, whole)], expected: whole),
        Case(name: "one tells news", present: whole, seeds: [1], votes: [(2, newer)], expected: newer),
        Case(
            name: "most have heard of it", present: whole, seeds: [1],
            votes: [(3, whole), (1, newer), (2, newer)], expected: newer),
        Case(
            name: "most have not heard of it", present: whole, seeds: [1],
            votes: [(1, newer), (2, whole), (4, whole)], expected: whole),
        Case(
            name: "a stale minority", present: newer, seeds: [3],
            votes: [(3, whole), (1, newer), (2, newer)], expected: newer),
        Case(
            name: "one against one: what is in use", present: whole, seeds: [1],
            votes: [(1, newer), (2, whole)], expected: whole),
        Case(
            name: "all differ a little: the one in the middle", present: whole, seeds: [],
            votes: [
                (1, moved(0...9)), (2, moved(0...19)), (3, moved(0...29)),
            ], expected: moved(0...19)),
        Case(
            name: "one that was made to forget the others", present: whole, seeds: [1],
            votes: [(1, alone), (2, whole), (3, whole)], expected: whole, unheard: [1]),
        Case(
            name: "that one alone", present: whole, seeds: [1], votes: [(1, alone)], asked: 3, expected: nil,
            unheard: [1]),
        Case(
            name: "slots are given up, by most", present: whole, seeds: [1],
            votes: [(1, part), (2, part)], expected: part),
        Case(
            name: "way back from one that forgot the others", present: alone, seeds: [1, 2],
            votes: [(1, alone), (2, whole)], expected: whole, unheard: [1]),
        Case(
            name: "way back, though they forgot it too", present: alone, seeds: [1, 2],
            votes: [(1, alone), (2, rest)], expected: rest, unheard: [1]),
        Case(
            name: "the larger part is not left for the smaller one", present: rest, seeds: [1, 2],
            votes: [(1, alone), (2, rest)], expected: rest, unheard: [1]),
        Case(
            name: "an address that another cluster has got", present: whole, seeds: [1],
            votes: [(3, foreign), (1, whole), (2, whole)], expected: whole, unheard: [3]),
        Case(
            name: "the only host of the DSN is in another cluster", present: whole, seeds: [3],
            votes: [(3, foreign), (1, whole)], expected: whole, unheard: [3]),
        Case(
            name: "two hosts of the DSN are, and none in this one", present: whole, seeds: [8, 9],
            votes: [(8, foreign), (9, foreign), (1, whole)], expected: foreign, unheard: [1]),
        Case(
            name: "way back from another cluster", present: foreign, seeds: [3, 1, 2],
            votes: [(3, foreign), (8, foreign), (9, foreign), (1, newer), (2, newer)], expected: newer,
            unheard: [3, 8, 9]),
        Case(
            name: "as many hosts in each: the one in use", present: foreign, seeds: [3, 1],
            votes: [(3, foreign), (1, newer)], expected: foreign, unheard: [1]),
        Case(
            name: "one that lacks slots does not stand against a whole one", present: lame, seeds: [8, 1],
            votes: [(8, lame), (1, newer)], expected: newer, unheard: [8]),
        Case(
            name: "nobody knows the one in use: a host of the DSN says which", present: whole, seeds: [3],
            votes: [(3, foreign)], asked: 4, expected: foreign),
        Case(
            name: "nobody does, and one that is no host of the DSN names another", present: whole, seeds: [1],
            votes: [(3, foreign)], asked: 4, expected: nil, unheard: [3]),
        Case(
            name: "nobody does, and most of those asked name another", present: whole, seeds: [1],
            votes: [(3, foreign), (2, foreign), (4, foreign)], asked: 4, expected: foreign),
        Case(name: "nobody answers", present: whole, seeds: [1], votes: [], asked: 4, expected: nil),
    ]

    /// The slots of the first that the second has got.
    static func moved(_ slots: ClosedRange<Int>) -> SlotTable {
        var ranges = whole.ranges
        ranges[0].slots = slots.upperBound + 1...ranges[0].slots.upperBound
        ranges.append(.init(slots: slots, master: at(2), replicas: []))
        return SlotTable(ranges: ranges, identities: whole.identities)
    }

    /// The whole without some slots.
    static let part = SlotTable(ranges: Array(whole.ranges.dropLast()), identities: whole.identities)

    @Test("The votes are one table", arguments: cases)
    func decides(_ example: Case) {
        var election = TableElection(present: example.present, seeds: example.seeds.map(Self.at))
        election.votes = example.votes.map { .init(voter: Self.at($0.0), table: $0.1) }
        let outcome = election.outcome(asked: example.asked ?? example.votes.count)
        #expect(outcome.table == example.expected)
        #expect(Set(outcome.unheard) == Set(example.unheard.map(Self.at)))
    }

    @Test("The order of the answers does not matter, except among equals", arguments: cases)
    func order(_ example: Case) {
        for votes in [example.votes.reversed(), example.votes.shuffled()] {
            var election = TableElection(present: example.present, seeds: example.seeds.map(Self.at))
            election.votes = votes.map { .init(voter: Self.at($0.0), table: $0.1) }
            let outcome = election.outcome(asked: example.asked ?? votes.count)
            #expect(outcome.table == example.expected)
        }
    }

    @Test("Addresses stand for identifiers where servers tell none")
    func withoutIdentifiers() {
        func bare(_ owners: [Int]) -> SlotTable { SlotTable(ranges: Self.table(owners).ranges) }
        var election = TableElection(present: bare([1, 2, 3]), seeds: [Self.at(1)])
        election.votes = [
            .init(voter: Self.at(3), table: bare([8, 9])), .init(voter: Self.at(2), table: bare([1, 2, 4])),
        ]
        #expect(election.outcome(asked: 2).table == bare([1, 2, 4]))
    }
}

internal import CachesTransport

/// One poll for the owners of the slots: which servers to ask, and when enough have answered.
///
/// A value without I/O, clock and chance. `Cluster` asks the servers that it names, passes it the answers,
/// and applies the outcome.
///
///     one server ──nothing new──► over
///         └──anything else──► two more ──two of three agree──► over
///                                 └──else──► four at a time ──► over
///
/// **Cost.** Usually one server is asked, and it tells nothing new. A change is checked with two more
/// servers. Only if those disagree or don't answer, more are asked: at most ``mostAsked`` as soon as one has
/// answered. At the start, three hosts of the DSN are asked at once.
struct TablePoll: Sendable {
    /// A server to ask: its address, and whether it is asked as a replica.
    typealias Voter = Cluster.Place

    enum Word: Sendable {
        case table(SlotTable)
        case failure(CachesError)
    }

    enum Action: Sendable {
        /// Ask these servers too, all at once.
        case ask([Voter])
        /// Wait for the servers that have been asked.
        case wait
        case over(Outcome)
    }

    struct Outcome: Sendable {
        /// The table to use from now on; nil: the one in use.
        var table: SlotTable?
        /// Servers that answered but were ignored.
        var unheard: [Endpoint] = []
        /// Why there is no answer; nil if there is one.
        var fault: CachesError?
    }

    /// The most servers to ask, as soon as one has answered.
    static let mostAsked = 7

    private var election: TableElection

    /// The servers not asked yet, in the order in which they will be.
    private var rest: [Voter]

    private var asked = 0
    private var waitsFor: Set<Voter> = []
    private var stage = 0
    private var fault: CachesError?
    private let asksSeed: Bool

    /// - Parameters:
    ///   - present: The table in use.
    ///   - servers: Its servers, the most promising first; the hosts of the DSN, if there is none.
    ///   - seeds: The hosts of the DSN.
    ///   - asksSeed: Whether to ask a host of the DSN in addition to a server of the table.
    init(present: SlotTable?, servers: [Voter], seeds: [Endpoint], asksSeed: Bool) {
        election = TableElection(present: present, seeds: seeds)
        self.asksSeed = asksSeed && present != nil
        // Alternates between servers of the table and other hosts of the DSN: those of the table may all be
        // wrong together, and those of the DSN may have left long ago.
        var hosts = present == nil ? [] : seeds.map { Voter(endpoint: $0, isReplica: false) }
        var order: [Voter] = []
        var taken: Set<Endpoint> = []
        func take(_ voter: Voter?) {
            if let voter, taken.insert(voter.endpoint).inserted { order.append(voter) }
        }
        for server in servers {
            take(server)
            hosts.removeAll { taken.contains($0.endpoint) }
            if !hosts.isEmpty { take(hosts.removeFirst()) }
        }
        for host in hosts { take(host) }
        rest = order
    }

    /// Begins the poll. Call it once, before all else.
    mutating func begin() -> Action {
        let first = election.present == nil ? 3 : asksSeed ? 2 : 1
        return ask(first) ?? over()
    }

    /// Takes an answer, or the failure, of a server that was asked.
    mutating func heard(_ word: Word, from voter: Voter) -> Action {
        guard waitsFor.remove(voter) != nil else { return .wait }
        switch word {
        case .table(let table): election.votes.append(.init(voter: voter.endpoint, table: table))
        // An answer that this is not a cluster says more than another server's silence.
        case .failure(let error): if fault?.code != .configuration { fault = error }
        }
        if isDecided { return over() }
        guard waitsFor.isEmpty else { return .wait }
        return more()
    }

    /// The next step if all servers asked so far have answered, and that is not enough.
    private mutating func more() -> Action {
        guard !tellsNothingNew, election.votes.isEmpty || asked < Self.mostAsked else { return over() }
        stage += 1
        let number = stage == 1 && election.present != nil ? 2 : 4
        return ask(election.votes.isEmpty ? number : min(number, Self.mostAsked - asked)) ?? over()
    }

    private mutating func ask(_ number: Int) -> Action? {
        let next = Array(rest.prefix(number))
        guard !next.isEmpty else { return nil }
        rest.removeFirst(next.count)
        waitsFor = Set(next)
        asked += next.count
        return .ask(next)
    }

    /// Whether all answers match the known table.
    private var tellsNothingNew: Bool {
        guard let present = election.present, !election.votes.isEmpty else { return false }
        return election.votes.allSatisfy { $0.table.hasSameOwners(as: present) }
    }

    /// Whether the missing answers could not change much: two or more agree, and they are more than half of
    /// all that may still vote. False if an answer is about another cluster than the others, or all are about
    /// another than the one in use: then more servers are asked.
    private var isDecided: Bool {
        let votes = election.votes
        guard votes.count > 1, stage > 0 || !asksSeed || waitsFor.isEmpty, let last = votes.last else {
            return false
        }
        let agreeing = votes.count { $0.table.hasSameOwners(as: last.table) }
        guard agreeing > 1, 2 * agreeing > votes.count + waitsFor.count, election.clusters.count == 1 else {
            return false
        }
        return election.present.map { !$0.identities.isDisjoint(with: last.table.identities) } ?? true
    }

    private mutating func over() -> Action {
        waitsFor = []
        guard !election.votes.isEmpty else { return .over(Outcome(fault: fault ?? Self.nobody)) }
        let outcome = election.outcome(asked: asked)
        return .over(Outcome(table: outcome.table, unheard: outcome.unheard))
    }

    private static let nobody = CachesError(
        .unreachable, "There is no server to ask for the owners of the slots.",
        advice: "Check the hosts of the DSN."
    )
}

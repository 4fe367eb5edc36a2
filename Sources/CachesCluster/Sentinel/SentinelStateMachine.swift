internal import CachesTransport

// Finding the primary.
//
// Sentinels are a name service for the address of a primary, kept by several processes that may disagree for
// a while, and some of which may be cut off with old news. Three facts separate new from old:
//
// 1. The configuration epoch. Each failover is decided under an epoch of its own, higher than all before it,
//    by the votes of a majority of the Sentinels
//    (https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/, "Configuration epochs"). So of
//    two answers the one with the higher epoch is newer, whichever Sentinel gives it and however few do:
//    right after a failover most Sentinels still have the old news, and count for nothing.
// 2. A majority. All known Sentinels are asked at once, and nothing is decided before more than half of them
//    have answered, or all that can have, or the time is over. The voters of the last failover are a
//    majority, and any two majorities have a member in common; so as a rule an informed Sentinel is heard.
//    The number of Sentinels is what the DSN or one of them says, whichever is more. If two have to name a
//    server before it is sent a password (`SentinelVouching`), and no two have, the others are waited for as
//    well. **Dead Sentinels are not waited for.** Sentinels go on to list others that are long gone, until
//    they are reset. A Sentinel that all others that answer take for down is left out of the count: it is
//    asked, and its answer is used, but it is not waited for, and does not make the majority larger. Two
//    witnesses are needed, since a Sentinel that is cut off takes all others for down: this process must not
//    have had an answer from it either. A Sentinel of the DSN that has not been asked yet is waited for,
//    whatever the others say of it.
// 3. The known primary. An answer with a lower epoch than that of the primary in use is old news, and is not
//    followed; with one exception: more than half of all Sentinels agree on it, dead ones counted. Then they
//    were set up from scratch. A minority with which this process is cut off can't bring that about.
//
// The rule: **the highest epoch wins; among equals the answer that most Sentinels give.** When fewer than
// half answer, their answer is still taken: two Sentinels of three that are down must not take the caches
// down as well. That is the one case in which a minority with old news may be believed, by a program that
// knows nothing yet. The server itself is the check: it has to say that it is a primary (`ROLE`), when a
// connection opens and whenever the Sentinels are asked, and a demoted server does not.
//
// `+switch-master`, which Sentinels publish, has no epoch. So it is not believed: it is the reason to ask at
// once, and the Sentinel that published it has to answer before a decision. That costs a round trip, and a
// message that comes too late does no harm.
//
//     idle ──wanted, doubted, switched, due──► asking ──majority, all, or time is over──► idle
//
// An answer that comes after the decision is used if its epoch is higher.

/// The known primary, and when to ask Sentinels.
///
/// A value without I/O, clock and chance. `SentinelWatch` tells it what happened, and carries out its
/// actions.
struct SentinelStateMachine: Sendable {
    /// A primary as the Sentinels know it.
    struct Primary: Hashable, Sendable {
        var endpoint: Endpoint
        var epoch: Int64
    }

    enum Event: Sendable {
        /// A connection is about to open.
        case wanted
        /// The server in use says that it is not a primary, or that it takes no writes.
        case doubted
        /// A Sentinel published a new primary.
        case switched(by: Endpoint, to: Endpoint)
        case heard(round: Int, from: Endpoint, SentinelReply)
        /// The time for the answers is over.
        case timeOver(round: Int)
        /// A wait is over.
        case due(step: Int)
        /// The connection to a Sentinel, over which it publishes changes, is lost.
        case lost(Endpoint)
    }

    /// How long to wait until the Sentinels are asked without another reason.
    enum Wait: Hashable, Sendable {
        case interval
        /// After this many rounds in a row, 1 or more, with too few answers, or after which there are more
        /// Sentinels to ask.
        case backoff(Int)
    }

    enum Outcome: Sendable {
        case primary(Endpoint)
        /// No Sentinel named a primary; the answer of each.
        case nobody([(sentinel: Endpoint, word: SentinelReply)])
        /// Too few Sentinels named the same server to send it a password.
        case unvouched([(sentinel: Endpoint, word: SentinelReply)])
    }

    struct Action: Sendable {
        /// Ask these Sentinels, all at once, and report when the time is over.
        var ask: (round: Int, sentinels: [Endpoint])?
        /// Wait for this long, in place of any other wait.
        var wait: (step: Int, Wait)?
        /// For all callers that are about to open a connection.
        var outcome: Outcome?
        /// Connections that lead to any other server are obsolete.
        var primary: Endpoint?
        /// The new list of replicas that may be read from.
        var replicas: [Endpoint]?
        /// The Sentinels that are asked from now on.
        var sentinels: [Endpoint]?
        /// A round is over: ask the server in use for its role.
        var checksRole = false
    }

    private struct Round: Sendable {
        let number: Int
        var words: [Endpoint: SentinelReply] = [:]
        /// The Sentinel whose answer every decision needs.
        var reporter: Endpoint?
    }

    /// Further Sentinels are not asked: five are many.
    static let maximumSentinels = 16

    /// Further replicas are not read from.
    static let maximumReplicas = 16

    /// How long the result of a round is not asked for again by a connection that opens because of it.
    static let newsAge = Duration.seconds(1)

    private(set) var primary: Primary?
    private(set) var replicas: [Endpoint] = []

    /// The Sentinels to ask, those of the configuration first.
    private(set) var sentinels: [Endpoint]

    /// The last answer of each Sentinel.
    private(set) var words: [Endpoint: SentinelReply] = [:]

    private var configured: [Endpoint] { vouching.configured }
    private var vouching: SentinelVouching
    private var identities: [Endpoint: String] = [:]
    private var round: Round?
    private var lastRound = 0
    private var step = 0
    private var failures = 0
    private var doubts = 0
    private var news: ContinuousClock.Instant?

    /// When the rounds that messages caused would be over, had they come evenly.
    private var messageHorizon: ContinuousClock.Instant?

    /// The most rounds that messages may begin at once; after that one per ``messageInterval``: a failover
    /// has one message per Sentinel. Each round asks all Sentinels, so a single one must not set the pace.
    static let messageBurst = 2 * maximumSentinels
    static let messageInterval = Duration.seconds(1)

    /// - Parameters:
    ///   - sentinels: The Sentinels of the configuration.
    ///   - mustVouch: Whether two of them have to name a server before it is connected to: see
    ///     ``SentinelVouching``.
    init(sentinels: [Endpoint], mustVouch: Bool = false) {
        let configured = Array(sentinels.prefix(Self.maximumSentinels))
        vouching = SentinelVouching(isNeeded: mustVouch, configured: configured)
        self.sentinels = configured
    }

    /// Whether Sentinels have been asked.
    var hasBegun: Bool { lastRound > 0 }

    mutating func handle(_ event: Event, now: ContinuousClock.Instant) -> Action {
        switch event {
        case .wanted:
            if let news, now - news < Self.newsAge, let primary {
                self.news = nil
                return Action(outcome: .primary(primary.endpoint))
            }
            return round == nil ? begin() : Action()
        case .doubted:
            news = nil
            guard round == nil else { return Action() }
            doubts += 1
            // The first time at once; repeated doubts wait.
            return doubts == 1 ? begin() : wait(.backoff(doubts - 1))
        case .switched(let sentinel, let endpoint):
            guard endpoint != primary?.endpoint, sentinels.contains(sentinel) else {
                return Action()
            }
            // Messages beyond the limit wait for the others' next news.
            guard takeMessage(now) else { return round == nil ? wait(.backoff(1)) : Action() }
            // The round under way may have asked that Sentinel before the change.
            return begin(reporter: sentinel)
        case .heard(let number, let sentinel, let word): return heard(number, sentinel, word, now)
        case .timeOver(let number):
            guard round?.number == number else { return Action() }
            for sentinel in sentinels where round?.words[sentinel] == nil {
                words[sentinel] = .silence
                round?.words[sentinel] = .silence
            }
            return conclude(now)
        case .due(let step): return step == self.step && round == nil ? begin() : Action()
        case .lost(let sentinel):
            guard round == nil, sentinels.contains(sentinel) else { return Action() }
            return wait(.backoff(max(1, failures)))
        }
    }
}

// MARK: - A round

extension SentinelStateMachine {
    /// Whether a message may begin a round.
    private mutating func takeMessage(_ now: ContinuousClock.Instant) -> Bool {
        let start = max(messageHorizon ?? now, now)
        guard start - now <= Self.messageInterval * (Self.messageBurst - 1) else { return false }
        messageHorizon = start + Self.messageInterval
        return true
    }

    private mutating func begin(reporter: Endpoint? = nil) -> Action {
        lastRound += 1
        step += 1
        round = Round(number: lastRound, reporter: reporter)
        return Action(ask: (lastRound, sentinels))
    }

    private mutating func wait(_ wait: Wait) -> Action {
        step += 1
        return Action(wait: (step, wait))
    }

    private mutating func heard(
        _ number: Int, _ sentinel: Endpoint, _ word: SentinelReply, _ now: ContinuousClock.Instant
    ) -> Action {
        guard sentinels.contains(sentinel) else { return Action() }
        words[sentinel] = word
        if case .answer(let answer) = word { identities[sentinel] = answer.identity }
        guard round?.number == number, round?.words[sentinel] == nil else {
            // Too late for the decision, unless it is newer.
            guard case .answer(let answer) = word, let other = answer.primary, let primary,
                other.epoch > primary.epoch,
                isVouched(other, by: words.filter { $1.answer?.primary == other }.map(\.key))
            else { return Action() }
            var action = Action()
            adopt(other, now, &action)
            return action
        }
        round?.words[sentinel] = word
        return isDecided ? conclude(now) : Action()
    }

    private var isDecided: Bool {
        guard let round else { return false }
        let dead = dead(round)
        if sentinels.allSatisfy({ round.words[$0] != nil || dead.contains($0) }) { return true }
        if let reporter = round.reporter, round.words[reporter] == nil { return false }
        let answers = named(in: round)
        guard 2 * distinct(answers.map(\.0)) > total(round, without: dead) else { return false }
        // If two have to name the primary, the second one may be the one that has not answered yet.
        return !vouching.isNeeded || winner(answers) != nil
    }

    /// The answers that name a primary.
    private func named(in round: Round) -> [(Endpoint, SentinelAnswer)] {
        round.words.compactMap { sentinel, word in word.answer.map { (sentinel, $0) } }
            .filter { $0.1.primary != nil }
    }

    /// Sentinels that are not waited for: all that answered take them for down, and they have not answered
    /// here.
    private func dead(_ round: Round) -> Set<Endpoint> {
        var isDown: [Endpoint: Bool] = [:]
        for peer in round.words.values.compactMap(\.answer).flatMap(\.others) {
            isDown[peer.endpoint] = peer.isDown && isDown[peer.endpoint] ?? true
        }
        return Set(
            isDown.filter { sentinel, isDown in
                guard isDown, round.words[sentinel]?.answer == nil else { return false }
                return switch words[sentinel] {
                case nil: !configured.contains(sentinel)
                case .answer?: false
                case .failure?, .silence?: true
                }
            }.keys)
    }

    /// How many Sentinels these are: one known by a name and by an address counts once.
    private func distinct(_ sentinels: [Endpoint]) -> Int {
        Set(sentinels.map { identities[$0] ?? "\($0)" }).count
    }

    /// How many Sentinels there are: the known ones, or more, if one of them says so. Not fewer: a Sentinel
    /// that is cut off may know only itself.
    private func total(_ round: Round, without dead: Set<Endpoint> = []) -> Int {
        let told = round.words.values.compactMap(\.answer).map { answer in
            answer.others.count { !dead.contains($0.endpoint) } + 1
        }
        return max(told.max() ?? 0, distinct(sentinels.filter { !dead.contains($0) }))
    }

    private mutating func conclude(_ now: ContinuousClock.Instant) -> Action {
        guard let round else { return Action() }
        self.round = nil
        let answers = named(in: round)
        let hasMajority = 2 * distinct(answers.map(\.0)) > total(round, without: dead(round))
        failures = hasMajority ? 0 : failures + 1
        if hasMajority { doubts = 0 }

        var action = Action(checksRole: primary != nil)
        let found = winner(answers)
        if let found, isCredible(found.0, found.votes, total(round)) { adopt(found.0, now, &action) }
        let isUnvouched = found == nil && !answers.isEmpty
        if isUnvouched, hasMajority { failures = 1 }
        if let primary {
            action.outcome = .primary(primary.endpoint)
            news = action.primary == nil ? news : now
        } else {
            let words = sentinels.map { ($0, round.words[$0] ?? .silence) }
            action.outcome = isUnvouched ? .unvouched(words) : .nobody(words)
        }
        learnReplicas(answers, &action)
        let hasMore = learnSentinels(answers, &action)
        step += 1
        action.wait = (step, failures > 0 || hasMore ? .backoff(max(1, failures)) : .interval)
        return action
    }

    /// The answer with the highest epoch; among equals the one that most give, then the one in use, then the
    /// order of the texts, so that all processes decide alike.
    private func winner(_ answers: [(Endpoint, SentinelAnswer)]) -> (Primary, votes: Int)? {
        let voters = Dictionary(grouping: answers, by: { $0.1.primary })
        let candidates = voters.compactMap { primary, voters in
            primary.map { ($0, voters.map(\.0)) }
        }.filter(isVouched).map { ($0, votes: distinct($1)) }
        return candidates.max { one, other in
            if one.0.epoch != other.0.epoch { return one.0.epoch < other.0.epoch }
            if one.votes != other.votes { return one.votes < other.votes }
            if (one.0 == primary) != (other.0 == primary) { return other.0 == primary }
            return "\(one.0.endpoint)" > "\(other.0.endpoint)"
        }
    }

    /// Whether a server that some Sentinels name may be connected to.
    private func isVouched(_ found: Primary, by voters: [Endpoint]) -> Bool {
        found.endpoint == primary?.endpoint
            || vouching.holds(for: found.endpoint, namedBy: voters, distinct: distinct)
    }

    private func isCredible(_ found: Primary, _ votes: Int, _ total: Int) -> Bool {
        guard let primary, found.epoch < primary.epoch else { return true }
        return 2 * votes > total
    }

    private mutating func adopt(_ found: Primary, _ now: ContinuousClock.Instant, _ action: inout Action) {
        let isOther = primary.map { $0.endpoint != found.endpoint } ?? false
        primary = found
        guard isOther else { return }
        doubts = 0
        news = now
        action.primary = found.endpoint
    }

    // MARK: Replicas and Sentinels

    private mutating func learnReplicas(_ answers: [(Endpoint, SentinelAnswer)], _ action: inout Action) {
        // One Sentinel that knows the primary in use is enough to say that a replica is healthy.
        let informed = answers.filter { $0.1.primary == primary }
        guard !informed.isEmpty else { return }
        let listed = vouching.vouched(
            informed.map { ($0.0, $0.1.listed + $0.1.replicas) }, distinct: distinct)
        vouching.learned(replicas: listed)
        var found: [Endpoint] = []
        for replica in informed.flatMap(\.1.replicas)
        where !found.contains(replica) && replica != primary?.endpoint
            && (listed.contains(replica) || vouching.replicas.contains(replica))
        {
            found.append(replica)
        }
        let sorted = Array(found.sorted { "\($0)" < "\($1)" }.prefix(Self.maximumReplicas))
        guard sorted != replicas else { return }
        replicas = sorted
        action.replicas = sorted
    }

    /// - Returns: Whether there are Sentinels that have not been asked.
    private mutating func learnSentinels(
        _ answers: [(Endpoint, SentinelAnswer)], _ action: inout Action
    ) -> Bool {
        guard !answers.isEmpty else { return false }
        let known = Set(configured.compactMap { identities[$0] })
        var list = configured
        var taken = known
        // Healthy Sentinels first: dead ones must not take all the places.
        let listed = vouching.vouched(answers.map { ($0.0, $0.1.others.map(\.endpoint)) }, distinct: distinct)
        let peers = answers.flatMap(\.1.others).filter {
            listed.contains($0.endpoint) || sentinels.contains($0.endpoint)
        }
        for peer in peers.filter({ !$0.isDown }) + peers.filter(\.isDown)
        where !list.contains(peer.endpoint) {
            guard list.count < Self.maximumSentinels else { break }
            if let identity = peer.identity, !taken.insert(identity).inserted { continue }
            list.append(peer.endpoint)
        }
        // Known Sentinels keep their places, so that a list in another order is not a change.
        let kept = sentinels.filter(list.contains)
        let new = list.filter { !kept.contains($0) }
        guard kept.count != sentinels.count || !new.isEmpty else { return false }
        sentinels = kept + new
        words = words.filter { sentinels.contains($0.key) }
        identities = identities.filter { sentinels.contains($0.key) }
        action.sentinels = sentinels
        return !new.isEmpty
    }
}

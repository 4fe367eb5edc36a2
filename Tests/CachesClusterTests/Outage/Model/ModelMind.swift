import CachesTransport

@testable import CachesCluster

/// The knowledge of one client of the model: the product's own values, which make all of its decisions.
///
/// Names of marks and of memories, and times, belong to the client: only equality and order matter. So minds
/// that answer every question alike are the same: see ``ModelMinds``.
struct ModelMind {
    static let owner = "x"
    static let names = ["y", "z"]

    /// The longest time that a write takes.
    static let deadline = Duration.seconds(1)

    private(set) var records = OutageRecords()
    private(set) var looks: Looks?
    private(set) var isInDoubt = false

    /// The servers that were not read, while the client makes ready to use the owner with a doubt.
    private var unread: [String: Doubt.Reason]?

    private var now: ContinuousClock.Instant
    /// How often each server's memory has changed, and how often its mark has been taken away.
    private var memories = [0, 0]
    private var marks = [0, 0]

    private let rules: ReturnRules
    private let mistakes: ModelMistakes
    let others: [String]

    init(_ scope: ModelScope, rules: ReturnRules, start: ContinuousClock.Instant) {
        self.rules = rules
        mistakes = scope.mistakes
        others = Array(Self.names.prefix(scope.servers - 1))
        now = start
        for other in others.indices {
            records.learned(
                memory(other), uptime: .seconds(3600), of: others[other], now: now - .seconds(3600))
        }
    }

    /// An event of a client, as far as it changes the client's knowledge.
    enum Event: Int {
        case wentOut, willWrite, beginLooks, giveUp, judge, useWithDoubt, use, abort, beginRound, endRound
        case deadlinePasses, bound
        // At one of the others.
        case memoryChanged, markGone, foundNothing, foundNotes, foundSilence, sawTo, fellSilent
    }

    mutating func handle(_ event: Event, at other: Int) {
        let (name, mark) = (others[other], mark(other))
        switch event {
        case .wentOut:
            now += .milliseconds(1)
            records.wentOut(Self.owner, now: now)
            isInDoubt = false
        case .willWrite: records.willWrite("k", for: Self.owner, now: now)
        case .beginLooks: looks = Looks(at: others)
        case .giveUp: looks?.giveUp()
        case .judge: judge()
        case .useWithDoubt:
            guard let unread, let looks else { return }
            comeBack(looks, doubt(unread), isInDoubt: true)
        case .use: records.cameBack(Self.owner)
        case .abort: (looks, unread) = (nil, nil)
        case .beginRound: looks = Looks(at: missing)
        case .endRound: endRound()
        case .deadlinePasses: now += Self.deadline
        case .bound:
            guard let end = records.doubts[Self.owner]?.end else { return }
            now = max(now, end)
            endDoubtIfRead()
        case .memoryChanged:
            now += .milliseconds(1)
            memories[other] += 1
            records.learned(memory(other), uptime: .zero, of: name, now: now)
        case .markGone: marks[other] += 1
        case .foundNothing: looks?.looked(at: name, .nothing(mark: mark))
        case .foundNotes: looks?.looked(at: name, .notes)
        case .foundSilence: looks?.looked(at: name, .silence)
        case .sawTo: looks?.sawTo(name)
        case .fellSilent: looks?.fellSilent(name)
        }
    }

    // MARK: As Rejoin and DoubtWatch do

    /// The servers that were not read or may have lost notes, when all looks are over.
    private var unknown: [String: Doubt.Reason] {
        guard let looks else { return [:] }
        var unread = looks.unread
        for other in others where looks.marks[other] != nil && mayHaveLost(other) { unread[other] = .lost }
        return unread
    }

    private mutating func judge() {
        guard let looks else { return }
        let unread = unknown
        if rules.doubts, canDoubt(Set(unread.keys)) {
            self.unread = unread
        } else {
            comeBack(looks, unread.isEmpty ? nil : doubt(unread), isInDoubt: false)
        }
    }

    private mutating func comeBack(_ looks: Looks, _ doubt: Doubt?, isInDoubt: Bool) {
        records.willComeBack(Self.owner, marks: looks.marks, doubt: doubt, isInDoubt: isInDoubt)
        if mistakes.contains(.endsOutageEarly) { records.cameBack(Self.owner) }
        self.isInDoubt = isInDoubt
        (self.looks, unread) = (nil, nil)
    }

    private func doubt(_ unread: [String: Doubt.Reason]) -> Doubt {
        Doubt(unread: unread, since: 1, end: now + .seconds(1_000_000))
    }

    private mutating func endRound() {
        guard let looks else { return }
        let asked = others.filter { looks.marks[$0] != nil || looks.unread[$0] != nil }
        for other in asked where looks.unread[other] == nil {
            records.read(
                other, for: Self.owner, mark: looks.marks[other],
                hasLost: looks.marks[other] != nil && mayHaveLost(other))
        }
        self.looks = nil
        endDoubtIfRead()
    }

    private mutating func endDoubtIfRead() {
        let counted = records.doubts[Self.owner]?.counted(now: now) ?? []
        guard isInDoubt, !canDoubt(counted) else { return }
        records.endDoubt(of: Self.owner)
        isInDoubt = false
    }

    private func mayHaveLost(_ other: String) -> Bool {
        rules.knowsMemory
            && records.mayHaveLost(other, for: Self.owner, margin: rules.lossMargin ?? Self.deadline)
    }

    private func canDoubt(_ unread: Set<String>) -> Bool {
        !unread.isEmpty && DoubtRule.canHold(unread: unread.count, of: others.count)
    }

    private var missing: [String] {
        let unread = records.doubts[Self.owner]?.unread ?? [:]
        return others.filter { unread[$0] == .silent || unread[$0] == .unfinished }
    }

    private func memory(_ other: Int) -> ServerMemory {
        ServerMemory(runID: "\(memories[other])", marker: "m")
    }

    private func mark(_ other: Int) -> String { "\(marks[other])" }

    // MARK: Questions to a mind

    /// Everything that the model and the product's values can tell of a mind now or later. Minds with equal
    /// answers are the same.
    var answers: ModelAnswers {
        var answers = ModelAnswers()
        let doubt = records.doubts[Self.owner]
        answers.hasOutage = records.outages[Self.owner] != nil
        answers.isReturning = records.returns[Self.owner] != nil
        answers.willDoubt = records.returns[Self.owner] == true
        answers.hasOwn = records.outages[Self.owner]?.own.isEmpty == false
        answers.isInDoubt = isInDoubt
        answers.hasUnread = doubt != nil
        answers.isDoubtful = isInDoubt && doubt?.covers(others, now: now) == true
        answers.hasEnded = doubt.map { $0.end <= now } ?? false
        answers.isReady = unread != nil
        answers.hasLooks = looks != nil
        answers.isDone = looks?.isDone ?? false
        answers.isUnsure = looks?.isDone == true && !unknown.isEmpty
        var next = self
        next.records.willComeBack(Self.owner, marks: [:], doubt: nil, isInDoubt: false)
        next.records.cameBack(Self.owner)
        next.records.wentOut(Self.owner, now: now)
        var late = looks
        late?.giveUp()
        for (other, name) in others.enumerated() {
            let bit = 1 << other
            if mayHaveLost(name) { answers.lost |= bit }
            if next.mayHaveLost(name) { answers.losable |= bit }
            if records.marks[Self.owner]?[name] == mark(other) { answers.knownMarks |= bit }
            if missing.contains(name) { answers.missing |= bit }
            if let mark = looks?.marks[name], mark == self.mark(other) { answers.newMarks |= bit }
            if next.records.marks[Self.owner]?[name] == self.mark(other) { answers.foundMarks |= bit }
            if looks?.marks[name] != nil { answers.closed |= bit }
            switch looks?.step(name) {
            case .look: answers.looks |= bit
            case .see: answers.sees |= bit
            case nil: break
            }
            answers.reasons |=
                (Self.number(doubt?.unread[name]) | Self.number(unread?[name]) << 2) << (4 * other)
            answers.outcomes |=
                (Self.number(looks?.unread[name]) | Self.number(late?.unread[name]) << 2) << (4 * other)
        }
        return answers
    }

    private static func number(_ reason: Doubt.Reason?) -> Int {
        switch reason {
        case nil: 0
        case .silent: 1
        case .lost: 2
        case .unfinished: 3
        }
    }
}

/// The answers of a mind, small enough to compare. Sets of servers are bits.
struct ModelAnswers: Hashable {
    var hasOutage = false, isReturning = false, willDoubt = false, hasOwn = false, isInDoubt = false,
        hasUnread = false, hasEnded = false
    /// Whether k is in doubt.
    var isDoubtful = false
    /// Whether the client makes ready to use the owner with a doubt.
    var isReady = false
    var hasLooks = false, isDone = false
    /// Whether some server's notes are not known when all looks are over.
    var isUnsure = false
    /// The servers that may have lost their notes; those that may have lost them if the owner went out now.
    var lost = 0, losable = 0
    /// The servers whose present mark the client knows by an earlier return; has found by a look.
    var knownMarks = 0, newMarks = 0, foundMarks = 0
    var closed = 0, missing = 0
    /// The next step.
    var looks = 0, sees = 0
    var reasons = 0, outcomes = 0
}

/// All minds that came up, each once, and the next mind by each event: the product's values decide once.
final class ModelMinds {
    private(set) var answers: [ModelAnswers] = []
    private var minds: [ModelMind] = []
    private var numbers: [ModelAnswers: Int] = [:]
    private var next: [Int: Int] = [:]

    /// The first mind has the number 0.
    init(_ scope: ModelScope, rules: ReturnRules) {
        _ = number(of: ModelMind(scope, rules: rules, start: .now))
    }

    var count: Int { minds.count }

    /// The mind that one becomes by an event.
    func after(_ event: ModelMind.Event, at other: Int = 0, _ mind: Int) -> Int {
        let key = mind &<< 6 | event.rawValue &<< 1 | other
        if let known = next[key] { return known }
        var changed = minds[mind]
        changed.handle(event, at: other)
        let number = number(of: changed)
        next[key] = number
        return number
    }

    private func number(of mind: ModelMind) -> Int {
        let answers = mind.answers
        if let known = numbers[answers] { return known }
        numbers[answers] = minds.count
        minds.append(mind)
        self.answers.append(answers)
        return minds.count - 1
    }
}

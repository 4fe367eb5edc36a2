import CachesTransport
import Testing

@testable import CachesCluster

/// The Sentinels' answers, and the decisions that follow. No socket is opened.
@Suite struct SentinelStateMachineTests {
    typealias Machine = SentinelStateMachine

    static let sentinels: [Endpoint] = (1...3).map { .tcp(host: "s\($0)", port: 26_379) }
    static let one = Endpoint.tcp(host: "10.0.0.1", port: 6379)
    static let two = Endpoint.tcp(host: "10.0.0.2", port: 6379)
    static let three = Endpoint.tcp(host: "10.0.0.3", port: 6379)

    let start = ContinuousClock.now

    /// The answer of one of three Sentinels, which names a primary.
    func names(
        _ endpoint: Endpoint?, epoch: Int64 = 1, of total: Int = 3, as identity: String? = nil,
        replicas: [Endpoint] = [], others: [SentinelAnswer.Peer]? = nil
    ) -> SentinelReply {
        let primary = endpoint.map { Machine.Primary(endpoint: $0, epoch: epoch) }
        let peers =
            others
            ?? Self.sentinels.prefix(total - 1).map { SentinelAnswer.Peer(endpoint: $0, identity: nil) }
        return .answer(
            SentinelAnswer(identity: identity, primary: primary, replicas: replicas, others: peers))
    }

    let refused = SentinelReply.failure(CachesError(.unreachable, "No connection."))

    /// A machine that has asked once and been answered.
    func machine(_ words: [SentinelReply]) -> (Machine, Machine.Action) {
        var machine = Machine(sentinels: Self.sentinels)
        let round = machine.handle(.wanted, now: start).ask?.round ?? -1
        var last = Machine.Action()
        for (sentinel, word) in zip(Self.sentinels, words) {
            let action = machine.handle(.heard(round: round, from: sentinel, word), now: start)
            if action.outcome != nil { last = action }
        }
        return (machine, last)
    }

    /// Asks again, and takes these answers. Returns the action of the decision.
    func ask(_ machine: inout Machine, _ words: [Int: SentinelReply], timeOver: Bool = false)
        -> Machine.Action
    {
        let later = start + .seconds(60)
        guard let round = machine.handle(.wanted, now: later).ask?.round else {
            Issue.record("nobody was asked")
            return Machine.Action()
        }
        var last = Machine.Action()
        for (index, word) in words.sorted(by: { $0.key < $1.key }) {
            let action = machine.handle(.heard(round: round, from: Self.sentinels[index], word), now: later)
            if action.outcome != nil { last = action }
        }
        return timeOver ? machine.handle(.timeOver(round: round), now: later) : last
    }

    func primary(_ action: Machine.Action) -> Endpoint? {
        if case .primary(let endpoint)? = action.outcome { endpoint } else { nil }
    }

    @Test("All are asked at once, and two of three that agree decide")
    func majority() {
        var machine = Machine(sentinels: Self.sentinels)
        #expect(!machine.hasBegun)
        let ask = machine.handle(.wanted, now: start).ask
        #expect(ask?.sentinels == Self.sentinels)
        #expect(machine.hasBegun)
        #expect(machine.handle(.wanted, now: start).ask == nil, "they are being asked")
        let first = machine.handle(.heard(round: 1, from: Self.sentinels[0], names(Self.one)), now: start)
        #expect(first.outcome == nil)
        let second = machine.handle(.heard(round: 1, from: Self.sentinels[2], names(Self.one)), now: start)
        #expect(primary(second) == Self.one)
        #expect(second.wait?.1 == .interval)
        #expect(second.primary == nil, "there is no connection that leads elsewhere")
        #expect(machine.primary == Machine.Primary(endpoint: Self.one, epoch: 1))
    }

    @Test("The highest epoch wins, however few say it and in whatever order", arguments: 0..<3)
    func epoch(newest: Int) {
        let words = (0..<3).map {
            $0 == newest ? names(Self.two, epoch: 7) : names(Self.one, epoch: 6, of: 5)
        }
        // Five of them, three answer: all have to.
        let (machine, action) = machine(words)
        #expect(primary(action) == Self.two)
        #expect(machine.primary?.epoch == 7)
    }

    @Test("Among equal epochs the most voices win, otherwise the present primary stays")
    func votes() {
        var (machine, first) = machine([
            names(Self.two, of: 5), names(Self.one, of: 5), names(Self.one, of: 5),
        ])
        #expect(primary(first) == Self.one)
        let tie = ask(&machine, [0: names(Self.two), 1: names(Self.one), 2: refused])
        #expect(primary(tie) == Self.one)
    }

    @Test("A Sentinel that is known by a name and by an address has one voice")
    func identities() {
        let (machine, action) = machine([
            names(Self.two, of: 5, as: "x"), names(Self.two, of: 5, as: "x"), names(Self.one, of: 5, as: "y"),
        ])
        #expect(action.outcome != nil, "all have answered")
        #expect(machine.primary?.endpoint == Self.one, "one voice each, and then the texts' order")
    }

    @Test("A minority with old news is not followed, alone or with others that are down")
    func oldNews() {
        for words in [
            [0: names(Self.one, epoch: 1)], [0: names(Self.one, epoch: 1), 1: refused, 2: refused],
        ] {
            var (machine, _) = machine([names(Self.two, epoch: 2), names(Self.two, epoch: 2)])
            let action = ask(&machine, words, timeOver: words.count == 1)
            #expect(primary(action) == Self.two)
            #expect(action.primary == nil)
            #expect(action.wait?.1 == .backoff(1), "they are asked again soon")
        }
    }

    @Test("A Sentinel that is cut off and says that it is the only one doesn't outvote the others")
    func alone() {
        var (machine, _) = machine([names(Self.two, epoch: 2), names(Self.two, epoch: 2)])
        let action = ask(&machine, [0: names(Self.one, epoch: 0, others: [])], timeOver: true)
        #expect(primary(action) == Self.two)
        #expect(action.wait?.1 == .backoff(1))
    }

    @Test("Sentinels that were set up again are believed when most agree")
    func setUpAnew() {
        var (machine, _) = machine([names(Self.two, epoch: 9), names(Self.two, epoch: 9)])
        #expect(
            primary(ask(&machine, [0: names(Self.one, epoch: 0), 1: names(Self.two, epoch: 9)])) == Self.two)
        let action = ask(&machine, [0: names(Self.one, epoch: 0), 1: names(Self.one, epoch: 0)])
        #expect(action.primary == Self.one)
    }

    @Test("If fewer than half answer, they are believed when the others can't answer or time is over")
    func few() {
        let (_, all) = machine([refused, names(Self.one), refused])
        #expect(primary(all) == Self.one)
        var other = Machine(sentinels: Self.sentinels)
        _ = other.handle(.wanted, now: start)
        #expect(
            other.handle(.heard(round: 1, from: Self.sentinels[1], names(Self.one)), now: start).outcome
                == nil)
        let late = other.handle(.timeOver(round: 1), now: start)
        #expect(primary(late) == Self.one)
        #expect(late.wait?.1 == .backoff(1))
        #expect(other.handle(.timeOver(round: 1), now: start).outcome == nil, "that round is over")
    }

    @Test("If no Sentinel gives a name, their answers are the error; the primary known before is tried")
    func nobody() {
        var (machine, action) = machine([refused, names(nil), refused])
        guard case .nobody(let words)? = action.outcome else {
            Issue.record("a primary came from nowhere")
            return
        }
        #expect(words.map(\.sentinel) == Self.sentinels)
        #expect(action.wait?.1 == .backoff(1))
        #expect(ask(&machine, [0: refused, 1: refused, 2: refused]).wait?.1 == .backoff(2))

        var known = self.machine([names(Self.one), names(Self.one)]).0
        let second = ask(&known, [0: refused, 1: refused, 2: refused])
        #expect(primary(second) == Self.one)
        #expect(second.checksRole)
    }

    @Test("A published message makes them ask at once, and its publisher has to answer")
    func switched() {
        var (machine, _) = machine([names(Self.one), names(Self.one), names(Self.one)])
        let reporter = Self.sentinels[2]
        let asked = machine.handle(.switched(by: reporter, to: Self.two), now: start)
        let round = asked.ask?.round ?? -1
        for sentinel in Self.sentinels.prefix(2) {
            let action = machine.handle(.heard(round: round, from: sentinel, names(Self.one)), now: start)
            #expect(action.outcome == nil)
        }
        let action = machine.handle(
            .heard(round: round, from: reporter, names(Self.two, epoch: 2)), now: start)
        #expect(action.primary == Self.two)
        #expect(primary(action) == Self.two)
        // The connection that opens because of it need not ask again.
        let next = machine.handle(.wanted, now: start + .milliseconds(10))
        #expect(primary(next) == Self.two)
        #expect(next.ask == nil)
        #expect(machine.handle(.wanted, now: start + .milliseconds(20)).ask != nil, "but the one after it")
    }

    @Test("A published message that is known already, or comes from a stranger, has no effect")
    func noNews() {
        var (machine, _) = machine([names(Self.one), names(Self.one), names(Self.one)])
        #expect(machine.handle(.switched(by: Self.sentinels[0], to: Self.one), now: start).ask == nil)
        #expect(machine.handle(.switched(by: Self.three, to: Self.two), now: start).ask == nil)
    }

    @Test("A message during a round makes another: the answer may be older than the message")
    func switchedWhileAsking() {
        var machine = Machine(sentinels: Self.sentinels)
        _ = machine.handle(.wanted, now: start)
        _ = machine.handle(.heard(round: 1, from: Self.sentinels[0], names(Self.one)), now: start)
        let ask = machine.handle(.switched(by: Self.sentinels[0], to: Self.two), now: start).ask
        #expect(ask?.round == 2)
        #expect(
            machine.handle(.heard(round: 1, from: Self.sentinels[1], names(Self.one)), now: start).outcome
                == nil)
        _ = machine.handle(.heard(round: 2, from: Self.sentinels[1], names(Self.one)), now: start)
        let end = machine.handle(
            .heard(round: 2, from: Self.sentinels[0], names(Self.two, epoch: 2)), now: start)
        #expect(primary(end) == Self.two)
    }

    @Test("An answer after the decision is heard if it is newer, and only then")
    func late() {
        var (machine, _) = machine([names(Self.one, epoch: 2), names(Self.one, epoch: 2)])
        let old = machine.handle(
            .heard(round: 1, from: Self.sentinels[2], names(Self.two, epoch: 1)), now: start)
        #expect(old.primary == nil)
        let new = machine.handle(
            .heard(round: 1, from: Self.sentinels[2], names(Self.three, epoch: 3)), now: start)
        #expect(new.primary == Self.three)
        #expect(new.wait == nil)
    }

    @Test("Doubt makes them ask at once, and then ever less often until a majority answers")
    func doubt() {
        var (machine, _) = machine([names(Self.one), refused, refused])
        #expect(machine.handle(.doubted, now: start).ask != nil)
        #expect(machine.handle(.doubted, now: start).ask == nil, "they are being asked")
        _ = machine.handle(.timeOver(round: 2), now: start)
        let second = machine.handle(.doubted, now: start)
        #expect(second.ask == nil)
        #expect(second.wait?.1 == .backoff(1))
        #expect(machine.handle(.doubted, now: start).wait?.1 == .backoff(2))
        let step = machine.handle(.doubted, now: start).wait?.step ?? -1
        #expect(machine.handle(.due(step: step - 1), now: start).ask == nil, "another wait took its place")
        #expect(machine.handle(.due(step: step), now: start).ask != nil)
    }

    @Test("A lost connection to a Sentinel is opened again soon")
    func lost() {
        var (machine, _) = machine([names(Self.one), names(Self.one), names(Self.one)])
        #expect(machine.handle(.lost(Self.sentinels[1]), now: start).wait?.1 == .backoff(1))
        #expect(machine.handle(.lost(Self.three), now: start).wait == nil)
        _ = machine.handle(.wanted, now: start + .seconds(5))
        #expect(machine.handle(.lost(Self.sentinels[1]), now: start).wait == nil, "it is being asked")
    }

    @Test("Replicas come and go by the lists of Sentinels that know the primary in use")
    func replicas() {
        var (machine, first) = machine([
            names(Self.one, replicas: [Self.two]), names(Self.one, replicas: [Self.three, Self.one]),
        ])
        #expect(first.replicas == [Self.two, Self.three])
        let same = ask(&machine, [0: names(Self.one, replicas: [Self.three, Self.two]), 1: names(Self.one)])
        #expect(same.replicas == nil)
        let none = ask(&machine, [0: refused, 1: refused, 2: refused])
        #expect(none.replicas == nil, "nobody said anything")
        let gone = ask(&machine, [0: names(Self.one, replicas: [Self.three]), 1: names(Self.one)])
        #expect(gone.replicas == [Self.three])
        let other = ask(
            &machine,
            [0: names(Self.two, epoch: 2, replicas: [Self.one]), 1: names(Self.one, replicas: [Self.two])])
        #expect(other.replicas == [Self.one])
    }

    @Test("Sentinels are learned, asked soon, and forgotten; those of the DSN stay; there is a bound")
    func learned() {
        let fourth = SentinelAnswer.Peer(endpoint: Self.three, identity: "d")
        let own = SentinelAnswer.Peer(endpoint: .tcp(host: "10.9.9.1", port: 26_379), identity: "a")
        var (machine, first) = machine([
            names(Self.one, as: "a", others: [fourth]), names(Self.one, as: "b", others: [fourth, own]),
        ])
        #expect(first.sentinels == Self.sentinels + [Self.three], "and none by two names")
        #expect(first.wait?.1 == .backoff(1))
        let told = names(Self.one, others: [fourth])
        let unchanged = ask(&machine, [0: told, 1: told, 2: told])
        #expect(unchanged.sentinels == nil)
        #expect(unchanged.wait?.1 == .interval)
        let gone = ask(
            &machine, [0: names(Self.one, others: []), 1: names(Self.one, others: [])], timeOver: true)
        #expect(gone.sentinels == Self.sentinels)

        let many = (0..<100).map {
            SentinelAnswer.Peer(endpoint: .tcp(host: "10.1.1.\($0)", port: 1), identity: nil)
        }
        var flooded = Machine(sentinels: [Self.sentinels[0]])
        _ = flooded.handle(.wanted, now: start)
        let action = flooded.handle(
            .heard(round: 1, from: Self.sentinels[0], names(Self.one, others: many)), now: start)
        #expect(action.sentinels?.count == Machine.maximumSentinels)
        #expect(action.sentinels?.first == Self.sentinels[0])
    }

    /// Four others that are listed, and dead.
    private static let gone = (1...4).map {
        SentinelAnswer.Peer(
            endpoint: .tcp(host: "10.9.9.\($0)", port: 26_379), identity: "gone\($0)", isDown: true)
    }

    private func others(than own: Int, down: Bool = false) -> [SentinelAnswer.Peer] {
        Self.sentinels.indices.filter { $0 != own }.map {
            SentinelAnswer.Peer(endpoint: Self.sentinels[$0], identity: nil, isDown: down)
        }
    }

    @Test("Sentinels that all others take for down are asked, not waited for, and not counted")
    func dead() {
        let words = (0..<3).map { names(Self.one, others: others(than: $0) + Self.gone) }
        var (machine, first) = machine([words[0], words[1]])
        #expect(primary(first) == Self.one, "two of three that live")
        #expect(first.sentinels?.count == 7)
        #expect(first.wait?.1 == .backoff(1), "there is more to ask")
        let second = ask(&machine, [0: words[0], 1: words[1]])
        #expect(primary(second) == Self.one)
        #expect(second.wait?.1 == .interval)
        // The same holds if fewer live than don't.
        let few = ask(&machine, [0: words[0], 1: refused, 2: words[2]])
        #expect(primary(few) == Self.one)
    }

    @Test("A Sentinel that is taken for down and answers is heard if it knows more, and counted from then on")
    func alive() {
        let words = (0..<3).map { names(Self.one, others: others(than: $0) + Self.gone.prefix(1)) }
        var (machine, _) = machine([words[0], words[1]])
        _ = ask(&machine, [0: words[0], 1: words[1]])
        let late = machine.handle(
            .heard(round: 2, from: Self.gone[0].endpoint, names(Self.two, epoch: 2)), now: start)
        #expect(late.primary == Self.two)
        // Two of four are not a majority now.
        #expect(primary(ask(&machine, [0: words[0], 1: words[1]])) == nil)
    }

    @Test("A Sentinel that is cut off and takes all others for down doesn't decide before they have answered")
    func cutOff() {
        var machine = Machine(sentinels: Self.sentinels)
        _ = machine.handle(.wanted, now: start)
        let lonely = names(Self.one, epoch: 1, others: others(than: 0, down: true))
        #expect(
            machine.handle(.heard(round: 1, from: Self.sentinels[0], lonely), now: start).outcome == nil)
        _ = machine.handle(.heard(round: 1, from: Self.sentinels[1], names(Self.two, epoch: 2)), now: start)
        #expect(machine.primary?.endpoint == Self.two)
        // The same holds later, while their last answers still count.
        let later = ask(&machine, [0: lonely])
        #expect(later.outcome == nil)
    }

    @Test("Cut off together with one that has old news, this process doesn't follow it")
    func cutOffTogether() {
        var (machine, _) = machine([names(Self.two, epoch: 2), names(Self.two, epoch: 2)])
        let lonely = names(Self.one, epoch: 1, others: others(than: 0, down: true))
        for _ in 0..<3 {
            let action = ask(&machine, [0: lonely], timeOver: true)
            #expect(primary(action) ?? Self.two == Self.two)
            #expect(machine.primary == Machine.Primary(endpoint: Self.two, epoch: 2))
        }
    }

    @Test("The dead don't take the places of the living")
    func crowded() {
        let dead = (0..<40).map {
            SentinelAnswer.Peer(endpoint: .tcp(host: "10.1.1.\($0)", port: 1), identity: nil, isDown: true)
        }
        let alive = SentinelAnswer.Peer(endpoint: Self.three, identity: nil)
        let (_, action) = machine([
            names(Self.one, others: dead + [alive]), names(Self.one, others: dead),
            names(Self.one, others: dead),
        ])
        #expect(action.sentinels?.contains(Self.three) == true)
        #expect(action.sentinels?.count == Machine.maximumSentinels)
    }

    @Test("Addresses that a Sentinel names are mapped")
    func mapped() {
        let answer = SentinelAnswer(
            primary: .init(endpoint: Self.one, epoch: 3), replicas: [Self.two],
            others: [.init(endpoint: Self.three, identity: "x")])
        var map = AddressMap()
        map.map(Self.one, to: .tcp(host: "gate", port: 1))
        map.map(host: "10.0.0.2", to: "two")
        map.map(host: "10.0.0.3", to: "three")
        #expect(
            answer.reached(by: map)
                == SentinelAnswer(
                    primary: .init(endpoint: .tcp(host: "gate", port: 1), epoch: 3),
                    replicas: [.tcp(host: "two", port: 6379)],
                    others: [.init(endpoint: .tcp(host: "three", port: 6379), identity: "x")]))
        #expect(answer.reached(by: nil) == answer)
    }

    @Test(
        "Any answers in any order: never a lower epoch without a majority, and never an endless round")
    func property() {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<2000 {
            var machine = Machine(sentinels: Self.sentinels)
            var now = start
            var highest: Int64 = -1
            for _ in 0..<30 {
                now += .milliseconds(.random(in: 0...3000, using: &generator))
                let action: Machine.Action
                switch Int.random(in: 0...5, using: &generator) {
                case 0: action = machine.handle(.wanted, now: now)
                case 1: action = machine.handle(.doubted, now: now)
                case 2:
                    action = machine.handle(
                        .switched(by: Self.sentinels.randomElement(using: &generator)!, to: Self.two),
                        now: now)
                case 3: action = machine.handle(.due(step: .random(in: 0...20, using: &generator)), now: now)
                default:
                    action = machine.handle(
                        .timeOver(round: .random(in: 0...20, using: &generator)), now: now)
                }
                guard let ask = action.ask else { continue }
                var votes: [Machine.Primary: Int] = [:]
                for sentinel in ask.sentinels.shuffled(using: &generator).prefix(
                    .random(in: 0...3, using: &generator))
                {
                    let primary = Machine.Primary(
                        endpoint: [Self.one, Self.two].randomElement(using: &generator)!,
                        epoch: .random(in: 0...3, using: &generator))
                    votes[primary, default: 0] += 1
                    _ = machine.handle(
                        .heard(
                            round: ask.round, from: sentinel, names(primary.endpoint, epoch: primary.epoch)),
                        now: now)
                }
                _ = machine.handle(.timeOver(round: ask.round), now: now)
                guard let primary = machine.primary else { continue }
                #expect(
                    primary.epoch >= highest || votes.contains { $0.value >= 2 && $0.key.epoch < highest })
                highest = primary.epoch
                let next = machine.handle(.doubted, now: now)
                #expect(next.ask != nil || next.wait != nil, "no round is under way")
                if let round = next.ask?.round { _ = machine.handle(.timeOver(round: round), now: now) }
            }
        }
    }
}

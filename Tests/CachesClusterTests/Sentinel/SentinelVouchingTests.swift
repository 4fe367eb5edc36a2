import CachesTransport
import Testing

@testable import CachesCluster

/// The Sentinels whose word is enough to send a password to a server without TLS.
@Suite struct SentinelVouchingTests {
    typealias Machine = SentinelStateMachine

    static let sentinels: [Endpoint] = (1...3).map { .tcp(host: "s\($0)", port: 26_379) }
    static let good = Endpoint.tcp(host: "10.0.0.1", port: 6379)
    static let replica = Endpoint.tcp(host: "10.0.0.2", port: 6379)
    static let evil = Endpoint.tcp(host: "6.6.6.6", port: 6379)

    let start = ContinuousClock.now

    private func names(
        _ endpoint: Endpoint, epoch: Int64 = 1, replicas: [Endpoint] = [], others: [Endpoint] = []
    ) -> SentinelReply {
        .answer(
            SentinelAnswer(
                primary: Machine.Primary(endpoint: endpoint, epoch: epoch), replicas: replicas,
                listed: replicas, others: others.map { SentinelAnswer.Peer(endpoint: $0) }))
    }

    /// Asks, takes these answers in the Sentinels' order, and lets the time end.
    private func ask(
        _ machine: inout Machine, _ words: [SentinelReply?], after seconds: Int
    ) -> Machine.Action {
        let now = start + .seconds(seconds)
        guard let round = machine.handle(.wanted, now: now).ask?.round else { return Machine.Action() }
        var last = Machine.Action()
        for (sentinel, word) in zip(Self.sentinels, words) {
            guard let word else { continue }
            let action = machine.handle(.heard(round: round, from: sentinel, word), now: now)
            if action.outcome != nil { last = action }
        }
        let over = machine.handle(.timeOver(round: round), now: now)
        return over.outcome == nil ? last : over
    }

    private func primary(_ action: Machine.Action) -> Endpoint? {
        if case .primary(let endpoint)? = action.outcome { endpoint } else { nil }
    }

    private func machine(mustVouch: Bool = true, of count: Int = 3) -> Machine {
        Machine(sentinels: Array(Self.sentinels.prefix(count)), mustVouch: mustVouch)
    }

    @Test("A primary that one Sentinel alone names is sent no password, whatever its epoch")
    func alone() {
        var machine = machine()
        let first = ask(
            &machine, [names(Self.evil, epoch: .max), names(Self.good), names(Self.good)], after: 0)
        #expect(primary(first) == Self.good)
        let second = ask(&machine, [names(Self.evil, epoch: .max), names(Self.good), nil], after: 60)
        #expect(primary(second) == Self.good)
        #expect(second.primary == nil)
        var fresh = self.machine()
        let action = ask(&fresh, [names(Self.evil, epoch: 9), nil, nil], after: 0)
        guard case .unvouched(let words)? = action.outcome else {
            Issue.record("\(action)")
            return
        }
        #expect(words.count == 3)
        let error = SentinelFailure.unvouched("mymaster", words)
        #expect(error.code == .unreachable)
        #expect("\(error)".contains("rediss+sentinel://"))
    }

    @Test("With TLS, without a password, or by the only Sentinel, its word is enough")
    func enough() {
        var free = machine(mustVouch: false)
        #expect(primary(ask(&free, [names(Self.good), nil, nil], after: 0)) == Self.good)
        var single = machine(of: 1)
        #expect(primary(ask(&single, [names(Self.good)], after: 0)) == Self.good)
    }

    @Test("Sentinels that one announces do not vouch for its primary")
    func announced() {
        var machine = machine(of: 2)
        let friend = Endpoint.tcp(host: "f", port: 26_379)
        let action = ask(&machine, [names(Self.evil, others: [friend, Self.sentinels[1]]), nil], after: 0)
        #expect(primary(action) == nil)
        #expect(action.sentinels == nil, "nor are they asked")
    }

    @Test(
        "The word of one is enough for a failover to a replica that two listed, and not for any other")
    func failover() {
        var machine = machine()
        let lists = [Self.replica, Self.evil]
        let first = ask(
            &machine,
            [
                names(Self.good, replicas: lists), names(Self.good, replicas: [Self.replica]),
                names(Self.good, replicas: [Self.replica]),
            ], after: 0)
        #expect(primary(first) == Self.good)
        #expect(machine.replicas == [Self.replica], "what one lists is not read from")
        var other = machine
        let evil = ask(&other, [names(Self.evil, epoch: 2), names(Self.good), names(Self.good)], after: 60)
        #expect(primary(evil) == Self.good)
        let failover = ask(&machine, [names(Self.replica, epoch: 2), nil, nil], after: 60)
        #expect(primary(failover) == Self.replica)
        #expect(failover.primary == Self.replica)
    }

    @Test("Without TLS, or by TLS that checks nothing, a password is sent unproved")
    func unproved() {
        var configuration = ConnectionConfiguration(endpoint: Self.good)
        #expect(!configuration.sendsPasswordUnproved)
        configuration.credentials = Credentials(password: "x")
        #expect(configuration.sendsPasswordUnproved)
        configuration.tls = TLSConfiguration()
        #expect(!configuration.sendsPasswordUnproved)
        configuration.tls?.verification = TLSConfiguration.Verification.none
        #expect(configuration.sendsPasswordUnproved)
    }
}

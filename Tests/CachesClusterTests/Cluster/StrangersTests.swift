import CachesTransport
import Testing

@testable import CachesCluster

/// The number of connected servers that no table names.
@Suite struct StrangersTests {
    private let now = ContinuousClock.now

    private func place(_ number: Int) -> Cluster.Place {
        .init(endpoint: .tcp(host: "10.0.0.1", port: number), isReplica: false)
    }

    @Test("So many strangers are asked and no more, fewer beside a table", arguments: [true, false])
    func bound(hasTable: Bool) {
        var strangers = Strangers()
        let most = hasTable ? Strangers.most : Strangers.mostWithoutTable
        let named: Set<Cluster.Place>? = hasTable ? [place(10_000)] : nil
        for number in 1...most {
            #expect(strangers.visit(place(number), isThere: false, besides: named, now: now) == true)
        }
        #expect(strangers.visit(place(most + 1), isThere: false, besides: named, now: now) == false)
        #expect(strangers.visit(place(1), isThere: true, besides: named, now: now) == true)
        // A server that a table names by now leaves its place to another.
        #expect(strangers.visit(place(most + 1), isThere: false, besides: [place(1)], now: now) == hasTable)
    }

    @Test("One is in use for a moment after the last call")
    func idle() {
        var strangers = Strangers()
        #expect(!strangers.isInUse(place(1), now: now))
        _ = strangers.visit(place(1), isThere: false, besides: [], now: now)
        #expect(strangers.isInUse(place(1), now: now + .seconds(1)))
        #expect(!strangers.isInUse(place(1), now: now + Strangers.idleTime))
        strangers.keep([])
        #expect(!strangers.isInUse(place(1), now: now))
    }
}

/// When a connection is renewed since its server sends calls to itself.
@Suite struct ConnectionRenewalsTests {
    private let now = ContinuousClock.now
    private let place = Cluster.Place(endpoint: .tcp(host: "10.0.0.1", port: 1), isReplica: false)

    @Test("At once, and then ever later, each server by itself")
    func paced() {
        var renewals = ConnectionRenewals()
        var other = place
        other = .init(endpoint: .tcp(host: "10.0.0.2", port: 1), isReplica: false)
        #expect(renewals.renews(place, now: now, jitter: 1) == true)
        #expect(renewals.renews(place, now: now + .milliseconds(999), jitter: 1) == false)
        #expect(renewals.renews(other, now: now, jitter: 1) == true)
        #expect(renewals.renews(place, now: now + .seconds(1), jitter: 1) == true)
        #expect(renewals.renews(place, now: now + .milliseconds(2999), jitter: 1) == false)
        #expect(renewals.renews(place, now: now + .seconds(3), jitter: 1) == true)
    }

    @Test("After a minute the waits begin again, and so they do for a server that was forgotten")
    func memory() {
        var renewals = ConnectionRenewals()
        for second in [0, 1, 3, 7, 15] { _ = renewals.renews(place, now: now + .seconds(second), jitter: 1) }
        #expect(renewals.renews(place, now: now + .seconds(75), jitter: 1) == true)
        #expect(renewals.renews(place, now: now + .seconds(76), jitter: 1) == true)
        renewals.keep([])
        #expect(renewals.renews(place, now: now + .seconds(76), jitter: 1) == true)
    }

    @Test("In an hour without success it is some 120 connections")
    func hour() {
        var renewals = ConnectionRenewals()
        let count = (0..<36_000).count {
            renewals.renews(place, now: now + .milliseconds(100 * $0), jitter: 0.5)
        }
        #expect((100...250).contains(count))
    }
}

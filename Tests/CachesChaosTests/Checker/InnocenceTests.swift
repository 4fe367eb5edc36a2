import Testing

@testable import caches_chaos

/// Innocent losses, undeserved outages and nodes that are kept out, on histories that are made up.
@Suite struct InnocenceTests {
    // MARK: Bystanders' keys

    @Test("A bystander's key that is gone or has changed is one loss, however often it is looked at")
    func lost() {
        #expect(Self.found(planted: 0, seen: [(1, 100), (1, 200)]).isEmpty)
        #expect(
            Self.found(planted: 0, seen: [(1, 100), (nil, 200), (nil, 300)]) == [.lost(key: "k", by: 210)])
        #expect(Self.found(planted: 0, seen: [(2, 100)]) == [.changed(key: "k", by: 110)])
        // A look before the planting says nothing.
        #expect(Self.found(planted: 500, seen: [(nil, 100)]).isEmpty)
    }

    @Test("Only a server that was emptied meanwhile is excused, until it is planted once more")
    func emptied() {
        let flush = MadeUp.fault(.flush, from: 150, to: 160)
        #expect(Self.found(planted: 0, seen: [(nil, 200)], faults: [flush]).isEmpty)
        // The look was under way when it happened.
        #expect(Self.found(planted: 0, seen: [(nil, 142)], faults: [flush]).isEmpty)
        #expect(Self.found(planted: 0, seen: [(nil, 139)], faults: [flush]) == [.lost(key: "k", by: 149)])
        #expect(Self.found(planted: 170, seen: [(nil, 200)], faults: [flush]) == [.lost(key: "k", by: 210)])
        for other in [
            MadeUp.fault(.flush, on: 1, from: 150, to: 160),
            MadeUp.fault(.kill(keepsData: true), from: 150, to: 160),
            MadeUp.fault(.pause, from: 150, to: 160),
        ] {
            #expect(Self.found(planted: 0, seen: [(nil, 200)], faults: [other]) == [.lost(key: "k", by: 210)])
        }
    }

    @Test("Another program's counter only grows, unless its server was emptied")
    func counters() {
        func found(_ counts: [(Int, Int64)], faults: [Fault] = []) -> [Violation.Kind] {
            var bystanders = Bystanders()
            bystanders.counts = counts.map {
                Bystanders.Count(server: 0, value: $0, begin: $1, end: $1 + 10)
            }
            return MadeUp.violations([], faults: faults, bystanders: bystanders)
        }
        #expect(found([(1, 100), (2, 200), (7, 300)]).isEmpty)
        #expect(found([(1, 100), (2, 200), (1, 300)]) == [.shrunk(to: 1, from: 2)])
        #expect(found([(2, 100), (2, 200)]) == [.shrunk(to: 2, from: 2)])
        let flush = MadeUp.fault(.flush, from: 250, to: 260)
        #expect(found([(1, 100), (2, 200), (1, 300)], faults: [flush]).isEmpty)
        #expect(
            found([(1, 100), (2, 200), (1, 300), (1, 400)], faults: [flush]) == [.shrunk(to: 1, from: 1)])
    }

    // MARK: Keys that clients share

    @Test("A counter that clients share only grows, whoever raises it; those at the same time in any order")
    func sharedCounter() {
        func count(_ value: Int, _ time: ClosedRange<Int64>) -> Call {
            MadeUp.call(.count, .done(version: value), at: time, key: 3)
        }
        let one = MadeUp.history([count(1, 100...200), count(4, 500...600)])
        let other = MadeUp.history([count(3, 150...300), count(2, 160...290)])
        #expect(MadeUp.violations([one, other]).isEmpty)
        let anew = MadeUp.history([count(1, 350...400)])
        #expect(MadeUp.violations([one, other, anew]) == [.shrunk(to: 1, from: 3)])
        let flush = MadeUp.fault(.flush, from: 310, to: 340)
        #expect(
            MadeUp.violations([one, other, anew], faults: [flush])
                .allSatisfy { if case .shrunk = $0 { false } else { true } })
    }

    @Test("A claimed gate can't be claimed again, unless its server was emptied")
    func claims() {
        var bystanders = Bystanders()
        bystanders.claims = [("gate", 0)]
        bystanders.plantings = [Bystanders.Planting(server: 0, key: "gate", value: [1], begin: 0, end: 10)]
        func found(_ result: Int, faults: [Fault] = []) -> [Violation.Kind] {
            let call = MadeUp.call(.claim, .done(version: result), at: 100...110, key: 0)
            return MadeUp.violations([MadeUp.history([call])], faults: faults, bystanders: bystanders)
        }
        #expect(found(0).isEmpty)
        #expect(found(1) == [.claimedTwice])
        #expect(found(1, faults: [MadeUp.fault(.flush, from: 50, to: 60)]).isEmpty)
        #expect(found(1, faults: [MadeUp.fault(.flush, on: 1, from: 50, to: 60)]) == [.claimedTwice])
    }

    // MARK: Outages

    @Test("A node without a fault must not be put out")
    func undeserved() {
        func found(at begin: Int64, faults: [Fault], stalls: [ClosedRange<Int64>] = []) -> Bool {
            let history = MadeUp.history([], stalls: stalls, out: [begin...begin + 1000])
            return MadeUp.violations([history], faults: faults).contains(.ejected(at: begin))
        }
        let time: Int64 = 50_000_000
        let pause = MadeUp.fault(.pause, from: time - 1000, to: time + 1000)
        #expect(found(at: time, faults: []))
        #expect(!found(at: time, faults: [pause]))
        #expect(!found(at: time + 1000 + Checker.aftermath, faults: [pause]))
        #expect(found(at: time + 1001 + Checker.aftermath, faults: [pause]))
        #expect(found(at: time - 1001, faults: [pause]))
        for other in [
            MadeUp.fault(.pause, on: 1, from: time, to: time), MadeUp.fault(.flush, from: time, to: time),
            MadeUp.fault(.hangUp, from: time, to: time),
            MadeUp.fault(.refuse, from: time, to: time, client: 1),
            MadeUp.fault(.stopClient, on: nil, from: time, to: time, client: 1),
        ] {
            #expect(found(at: time, faults: [other]))
        }
        #expect(
            !found(at: time, faults: [MadeUp.fault(.stopClient, on: nil, from: time, to: time, client: 0)]))
        #expect(!found(at: time, faults: [], stalls: [time - 200_000...time - 50_000]))
    }

    @Test("A node that no fault keeps out is used again in time")
    func keptOut() {
        func found(until end: Int64?, faults: [Fault], stalls: [ClosedRange<Int64>] = []) -> [Int64] {
            var history = MadeUp.history([], stalls: stalls)
            if let end { history.add(0..<end + 1) } else { history.add(0...) }
            history.resources = [(90_000_000, 1, 1)]
            return MadeUp.violations([history], faults: faults).compactMap {
                if case .keptOut(let time) = $0 { time } else { nil }
            }
        }
        let pause = MadeUp.fault(.pause, from: 0, to: 20_000_000)
        let due = 20_000_000 + Checker.longestReturn
        #expect(found(until: due, faults: [pause]).isEmpty)
        #expect(found(until: due + 1, faults: [pause]) == [Checker.longestReturn + 1])
        // It has not returned at the end.
        #expect(found(until: nil, faults: [pause]) == [70_000_000])
        // A later fault on its way keeps it out longer, a fault of another node does not.
        let later = MadeUp.fault(.hangUp, from: 21_000_000, to: 21_000_000)
        #expect(found(until: due + 500_000, faults: [pause, later]).isEmpty)
        let elsewhere = MadeUp.fault(.pause, on: 1, from: 0, to: 80_000_000)
        #expect(found(until: due + 1, faults: [pause, elsewhere]) == [Checker.longestReturn + 1])
        // A machine that was too busy makes one sign of life late, and no more.
        let stall: ClosedRange<Int64> = 21_000_000...21_200_000
        #expect(found(until: due + 1_000_000, faults: [pause], stalls: [stall]).isEmpty)
        #expect(
            found(until: due + 6_000_000, faults: [pause], stalls: [stall]) == [
                Checker.longestReturn + 5_800_000
            ])
    }

    // MARK: Processes

    @Test(
        "A process that was killed on purpose did not hang, and a frozen one does not count as a busy machine"
    )
    func processes() {
        var killed = MadeUp.history([])
        killed.pending = nil
        killed.wasKilled = true
        #expect(MadeUp.violations([killed]).isEmpty)

        let late = MadeUp.history([MadeUp.failed(.read, "timeout", at: 20_400_000...20_900_000)])
        let frozen = MadeUp.history([], stalls: [14_000_000...20_000_000])
        let stop = MadeUp.fault(.stopClient, on: nil, from: 14_000_000, to: 20_000_000, client: 1)
        #expect(MadeUp.violations([late, frozen]).isEmpty)
        #expect(MadeUp.violations([late, frozen], faults: [stop]) == [.wrongError(code: "timeout", node: 0)])
        // Its own calls are excused.
        #expect(MadeUp.violations([frozen, late], faults: [stop]).isEmpty)
    }

    @Test("A value that is too large fails its own call, and ends the connection for others at that moment")
    func oversized() {
        let own = MadeUp.failed(.oversized, "server ERR", at: 1000...2000)
        func found(_ other: Call) -> [Violation.Kind] { MadeUp.violations([MadeUp.history([own, other])]) }
        #expect(found(MadeUp.failed(.read, "connection lost", at: 1500...2500)).isEmpty)
        #expect(
            found(MadeUp.failed(.read, "too large", at: 1500...2500))
                == [.wrongError(code: "too large", node: 0)])
        let later = 2001 + Checker.patience
        #expect(
            found(MadeUp.failed(.read, "connection lost", at: later...later + 10))
                == [.wrongError(code: "connection lost", node: 0)])
    }

    @Test("A counter in doubt fails for a while after its node is used again, and a value does not")
    func doubt() {
        let (back, end) = (20_000_000 as Int64, 20_000_000 + Excuses.doubt)
        func found(_ operation: Call.Operation, at time: Int64, rule: ConsistencyRule = .sawOutage) -> Bool {
            var history = MadeUp.history([MadeUp.failed(operation, "unreachable", at: time...time + 10)])
            history.add(0..<back)
            let pause = MadeUp.fault(.pause, from: 0, to: 1)
            return MadeUp.violations([history], rule: rule, faults: [pause])
                .contains(.wrongError(code: "unreachable", node: 0))
        }
        #expect(!found(.count, at: end - 100))
        #expect(!found(.claim, at: end - 100))
        #expect(found(.count, at: end + 100))
        #expect(found(.write, at: end - 100))
        #expect(found(.count, at: end - 100, rule: .acknowledged))
    }

    // MARK: Making bystanders up

    private static func found(
        planted: Int64, seen: [(value: UInt8?, time: Int64)], faults: [Fault] = []
    ) -> [Violation.Kind] {
        var bystanders = Bystanders()
        bystanders.plantings = [
            Bystanders.Planting(server: 0, key: "k", value: [1], begin: planted, end: planted + 1)
        ]
        bystanders.sightings = seen.map { value, time in
            Bystanders.Sighting(
                server: 0, key: "k", value: value.map { [$0] }, begin: time, end: time + 10)
        }
        return MadeUp.violations([], faults: faults, bystanders: bystanders)
    }
}

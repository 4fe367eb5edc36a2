import Testing

@testable import caches_chaos

/// Stale reads, on histories that are made up.
@Suite struct StalenessTests {
    @Test("A read finds the value that was acknowledged before it began, a newer one, or nothing")
    func fresh() {
        let writer = MadeUp.history([MadeUp.write(1, at: 100...200), MadeUp.write(2, at: 300...400)])
        let reader = MadeUp.history([
            MadeUp.read(nil, at: 50...60), MadeUp.read(1, at: 210...220), MadeUp.read(1, at: 350...360),
            MadeUp.read(2, at: 350...360),
            // Begun before the write was acknowledged.
            MadeUp.read(1, at: 390...500), MadeUp.read(2, at: 410...420), MadeUp.read(nil, at: 500...510),
        ])
        #expect(Self.found([writer, reader]).isEmpty)
    }

    @Test("A read of an older value than the one acknowledged before it began is stale, whoever reads")
    func stale() {
        let writer = MadeUp.history([
            MadeUp.write(1, at: 100...200), MadeUp.write(2, at: 300...400), MadeUp.read(1, at: 500...510),
        ])
        let reader = MadeUp.history([MadeUp.read(1, at: 401...410)])
        #expect(
            Self.found([writer, reader]) == [.stale(version: 1, floor: 2), .stale(version: 1, floor: 2)])
    }

    @Test("A write that failed sets no floor, and may still be read")
    func failedWrite() {
        let fault = MadeUp.fault(.kill(keepsData: true), from: 0, to: 1000)
        let writer = MadeUp.history([
            MadeUp.write(1, at: 100...200), MadeUp.failed(.write, "timeout", at: 300...400, version: 2),
        ])
        let reader = MadeUp.history([MadeUp.read(1, at: 500...510), MadeUp.read(2, at: 600...610)])
        #expect(Self.found([writer, reader], faults: [fault]).isEmpty)
    }

    @Test("Each key has its own floor")
    func keys() {
        let writer = MadeUp.history([MadeUp.write(5, at: 100...200, key: 1)])
        #expect(Self.found([writer, MadeUp.history([MadeUp.read(1, at: 300...310, key: 2)])]).isEmpty)
    }

    @Test("Without a rule about old values no value is too old, and everything else still counts")
    func noRule() {
        let writer = MadeUp.history([MadeUp.write(1, at: 100...200), MadeUp.write(2, at: 300...400)])
        let reader = MadeUp.history([MadeUp.read(1, at: 500...510), MadeUp.misdelivered(at: 600...610)])
        #expect(MadeUp.violations([writer, reader], rule: .none) == [.misdelivered])
    }

    // MARK: Stale reads after an outage

    @Test(
        "A reader that saw the outage reads nothing older than its writes, once the node is back for it"
    )
    func sawOutage() {
        let writer = MadeUp.history(
            [MadeUp.write(1, at: 10...20), MadeUp.write(2, at: 200...210)], out: [100...400])
        let seeing = MadeUp.history(
            [MadeUp.read(1, at: 150...160), MadeUp.read(1, at: 401...410)], out: [120...400])
        #expect(Self.found([writer, seeing], rule: .sawOutage) == [.stale(version: 1, floor: 2)])
        let late = MadeUp.history(
            [MadeUp.read(1, at: 399...405), MadeUp.read(2, at: 406...407)], out: [120...400])
        #expect(Self.found([writer, late], rule: .sawOutage).isEmpty)
    }

    @Test(
        "While the node is out for the reader, a value that was overwritten may be read as long as a stand-in keeps it"
    )
    func standIn() {
        let writer = MadeUp.history([MadeUp.write(1, at: 10...20), MadeUp.write(2, at: 200...210)])
        let kept = 210 + Checker.standInTTL + MadeUp.deadline
        let reader = MadeUp.history(
            [
                MadeUp.read(1, at: 300...310), MadeUp.read(1, at: kept...kept + 10),
                MadeUp.read(2, at: kept + 500...kept + 510),
            ],
            out: [100...])
        #expect(Self.found([writer, reader], rule: .sawOutage).isEmpty)
        let late = MadeUp.history([MadeUp.read(1, at: kept + 1...kept + 10)], out: [100...])
        #expect(Self.found([writer, late], rule: .sawOutage) == [.stale(version: 1, floor: 2)])
    }

    @Test("A reader that did not see the outage, or saw another, may still read the earlier value")
    func didNotSee() {
        let writer = MadeUp.history(
            [MadeUp.write(1, at: 10...20), MadeUp.write(2, at: 200...210)], out: [100...400])
        let blind = MadeUp.history([MadeUp.read(1, at: 500...510)])
        let earlier = MadeUp.history([MadeUp.read(1, at: 500...510)], out: [20...150])
        let still = MadeUp.history([MadeUp.read(1, at: 500...510)], out: [120...])
        #expect(Self.found([writer, blind, earlier, still], rule: .sawOutage).isEmpty)
    }

    @Test("A write while no node was out is not a write of the outage")
    func writtenOutside() {
        let writer = MadeUp.history(
            [MadeUp.write(1, at: 10...20), MadeUp.write(2, at: 90...110)], out: [100...400])
        let seeing = MadeUp.history([MadeUp.read(1, at: 500...510)], out: [100...400])
        #expect(Self.found([writer, seeing], rule: .sawOutage).isEmpty)
    }

    // MARK: Writes that a reader can't know

    @Test("A write that was acknowledged after the reader's last look began need not be known")
    func window() {
        // The look begins at 300 at the earliest, the node is used from 399 on.
        let writer = MadeUp.history(
            [MadeUp.write(1, at: 10...20), MadeUp.write(2, at: 200...210)], out: [100...900])
        let late = MadeUp.history(
            [MadeUp.write(1, at: 10...20), MadeUp.write(2, at: 320...330)], out: [100...900])
        var reader = MadeUp.history([MadeUp.read(1, at: 500...510)], out: [100...399])
        reader.looks = [(0, 150), (0, 300), (0, 600)]
        #expect(Self.found([writer, reader], rule: .sawOutage) == [.stale(version: 1, floor: 2)])
        #expect(Self.found([late, reader], rule: .sawOutage).isEmpty)
    }

    @Test("A look takes no longer than it may, and than its process did not get to run")
    func longWindow() {
        let writer = MadeUp.history([MadeUp.write(2, at: 2_000_000...2_000_010)], out: [100...])
        var reader = MadeUp.history([MadeUp.read(1, at: 5_000_000...5_000_010)], out: [100...4_000_000])
        reader.looks = [(0, 1_000_000)]
        #expect(Self.found([writer, reader], rule: .sawOutage) == [.stale(version: 1, floor: 2)])
        // With the reader frozen for 1.5 s the look may have begun at 1.5 s.
        reader.stalls = [2_200_000...3_700_000]
        #expect(Self.found([writer, reader], rule: .sawOutage).isEmpty)
    }

    @Test("With one holder left that the reader could ask, nothing is excused", arguments: [1, 2])
    func oneHolderLost(holder: Int) {
        let (writer, reader) = Self.outage(writerIsBack: nil, read: 1, at: 30_000_000)
        let lost = MadeUp.fault(.flush, on: holder, from: 1000, to: 1100)
        #expect(
            Self.found([writer, reader], rule: .sawOutage, faults: [lost])
                == [.stale(version: 1, floor: 2)])
    }

    @Test("With both holders lost the key is in doubt for a while, and known again once the writer is back")
    func bothLost() {
        let lost = [1, 2].map { MadeUp.fault(.kill(keepsData: false), on: $0, from: 1000, to: 1100) }
        func found(at time: Int64, writerIsBack: Int64? = nil) -> Int {
            let (writer, reader) = Self.outage(writerIsBack: writerIsBack, read: 1, at: time)
            return Self.found([writer, reader], rule: .sawOutage, faults: lost).count
        }
        let end = Self.back + Excuses.doubt
        #expect(found(at: Self.back + 100) == 1)
        #expect(found(at: end) == 1)
        #expect(found(at: end + 100) == 0)
        #expect(found(at: end + 100, writerIsBack: end - 1000) == 1)
        #expect(found(at: end + 100, writerIsBack: end + 1000) == 0)
        #expect(found(at: end + 2000, writerIsBack: end + 1000) == 1)
    }

    @Test("A holder that was lost before the write, or after the reader's look, does not count as lost")
    func lostAtAnotherTime() {
        let (writer, reader) = Self.outage(writerIsBack: nil, read: 1, at: 30_000_000)
        for range in [(10, 90), (Self.back + 10, Self.back + 20)] as [(Int64, Int64)] {
            let lost = [1, 2].map { MadeUp.fault(.flush, on: $0, from: range.0, to: range.1) }
            #expect(
                Self.found([writer, reader], rule: .sawOutage, faults: lost)
                    == [.stale(version: 1, floor: 2)])
        }
    }

    @Test("A holder that the reader could not ask counts as lost; one that others could not ask does not")
    func unread() {
        let (writer, made) = Self.outage(writerIsBack: nil, read: 1, at: 30_000_000)
        var reader = made
        let lost = MadeUp.fault(.flush, on: 1, from: 1000, to: 1100)
        func found(_ faults: [Fault]) -> Bool {
            !Self.found([writer, reader], rule: .sawOutage, faults: faults).isEmpty
        }
        let cut = MadeUp.fault(.refuse, on: 2, from: 1000, to: 40_000_000, client: 1)
        #expect(!found([lost, cut]))
        var elsewhere = cut
        elsewhere.client = 0
        #expect(found([lost, elsewhere]))
        #expect(found([lost]))
        reader.add(5000..., of: 2)
        #expect(!found([lost]))
    }

    @Test("In a fleet of four or more, a writer for whom two others were out may have used other holders")
    func twoOut() {
        let (made, reader) = Self.outage(writerIsBack: nil, read: 1, at: 30_000_000)
        var writer = made
        writer.orders = [1: [0, 1, 2, 3, 4]]
        writer.add(50..., of: 1)
        #expect(Self.found([writer, reader], rule: .sawOutage) == [.stale(version: 1, floor: 2)])
        writer.add(50..., of: 3)
        #expect(Self.found([writer, reader], rule: .sawOutage).isEmpty)
    }

    /// When the node is used again by the reader.
    private static let back: Int64 = 10_000

    /// The stale reads alone: outages that are made up have no cause.
    private static func found(
        _ histories: [History], rule: ConsistencyRule = .acknowledged, faults: [Fault] = []
    ) -> [Violation.Kind] {
        MadeUp.violations(histories, rule: rule, faults: faults).filter {
            if case .stale = $0 { true } else { false }
        }
    }

    /// A writer that writes version 2 while the node is out for it, until a time if at all, and a reader that
    /// sees the same outage end, and reads later. The other two of three nodes note the write.
    private static func outage(
        writerIsBack: Int64?, read version: Int, at time: Int64
    ) -> (writer: History, reader: History) {
        var writer = MadeUp.history([MadeUp.write(2, at: 200...210)])
        if let writerIsBack { writer.add(100...writerIsBack) } else { writer.add(100...) }
        writer.orders = [1: [0, 1, 2]]
        var reader = MadeUp.history([MadeUp.read(version, at: time...time + 10)])
        reader.add(100...back)
        return (writer, reader)
    }
}

import Testing

@testable import CachesCluster

@Suite struct OutageRecordsTests {
    private let start = ContinuousClock.now

    /// Records of an outage of `x` that began when `a` had one connection and `c` none yet, and `d` was out.
    private var records: OutageRecords {
        var records = OutageRecords()
        records.wentOut("x", connections: [("a", 1), ("b", 3), ("c", 0)], now: start)
        return records
    }

    @Test("notes are readable where a node is in use over the same connection, or its first")
    func readable() {
        #expect(records.notes(of: "a", for: "x", isOut: false, connections: 1) == .readable)
        #expect(records.notes(of: "b", for: "x", isOut: false, connections: 3) == .readable)
        #expect(records.notes(of: "c", for: "x", isOut: false, connections: 1) == .readable)
        #expect(records.notes(of: "d", for: "x", isOut: false, connections: 7) == .readable)
    }

    @Test("a connection more may be another process, without memory")
    func lost() {
        #expect(records.notes(of: "a", for: "x", isOut: false, connections: 2) == .lost)
        #expect(records.notes(of: "b", for: "x", isOut: true, connections: 4) == .lost)
        #expect(records.notes(of: "c", for: "x", isOut: false, connections: 2) == .lost)
    }

    @Test("what is out may have notes, unless it went out long before")
    func hidden() {
        var records = records
        #expect(records.notes(of: "a", for: "x", isOut: true, connections: 1) == .hidden)
        records.wentOut("d", connections: [], now: start - OutageRecords.dead + .seconds(1))
        records.wentOut("e", connections: [], now: start - OutageRecords.dead - .seconds(1))
        #expect(records.notes(of: "d", for: "x", isOut: true, connections: 1) == .hidden)
        #expect(records.notes(of: "e", for: "x", isOut: true, connections: 1) == .readable)
    }

    @Test("an outage lasts until the node is used again, however often it fails on its way back")
    func sameOutage() {
        var records = records
        records.wentOut("x", connections: [("a", 5)], now: start + .seconds(1))
        #expect(records.outages["x"]?.start == start)
        records.cameBack("x", marks: [("a", "m")])
        #expect(records.outages["x"] == nil)
        #expect(records.marks["x"] == ["a": "m"])
        #expect(records.notes(of: "a", for: "x", isOut: true, connections: 9) == .readable)
        records.wentOut("x", connections: [("a", 5)], now: start + .seconds(2))
        #expect(records.outages["x"]?.connections == ["a": 5])
    }
}

import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct OutageRecordsTests {
    private let start = ContinuousClock.now
    private let deadline = Duration.seconds(1)
    private let memory = ServerMemory(runID: "r1", marker: "m1")

    private func records(knowing memory: ServerMemory? = nil, since time: ContinuousClock.Instant? = nil)
        -> OutageRecords
    {
        var records = OutageRecords()
        if let memory {
            records.learned(memory, uptime: .seconds(3600), of: "y", now: time ?? start - .seconds(60))
        }
        return records
    }

    private func mayHaveLost(_ records: OutageRecords) -> Bool {
        records.mayHaveLost("y", for: "x", margin: deadline)
    }

    @Test("A server whose memory has been the same since before the outage has lost nothing")
    func sound() {
        var records = records(knowing: memory)
        records.wentOut("x", now: start)
        #expect(!mayHaveLost(records))
        records.learned(memory, uptime: .seconds(3700), of: "y", now: start + .seconds(5))
        #expect(!mayHaveLost(records))
    }

    @Test(
        "Another process and another marker each mean that notes may be lost",
        arguments: [ServerMemory(runID: "r2", marker: "m1"), ServerMemory(runID: "r1", marker: "m2")])
    func lost(changed: ServerMemory) {
        var records = records(knowing: memory)
        records.wentOut("x", now: start)
        // The uptime does not count if notes were lost: FLUSHALL does not change it.
        records.learned(changed, uptime: .seconds(3700), of: "y", now: start + .seconds(5))
        #expect(mayHaveLost(records))
    }

    @Test("A marker that appears, or that expired, is not a loss; one that went before its time is")
    func markerAppears() {
        var records = records(knowing: ServerMemory(runID: "r1", marker: ""))
        records.wentOut("x", now: start)
        records.learned(
            memory, uptime: .seconds(3700), markerLeft: .seconds(100), of: "y", now: start + .seconds(1))
        #expect(!mayHaveLost(records))
        var late = records
        late.learned(
            ServerMemory(runID: "r1", marker: "m2"), uptime: .seconds(3900), of: "y",
            now: start + .seconds(102))
        #expect(!mayHaveLost(late))
        records.learned(
            ServerMemory(runID: "r1", marker: ""), uptime: .seconds(3700), of: "y", now: start + .seconds(50))
        #expect(mayHaveLost(records))
    }

    @Test(
        "Notes lost a deadline before an outage may include the first note of a write acknowledged in it"
    )
    func margin() {
        for (age, isLost) in [(0.5, true), (1.5, false)] {
            var records = records(knowing: memory)
            records.learned(
                ServerMemory(runID: "r2", marker: "m1"), uptime: .zero, of: "y", now: start - .seconds(age))
            records.wentOut("x", now: start)
            #expect(mayHaveLost(records) == isLost)
        }
    }

    @Test("The uptime counts for a server that is first asked during the outage")
    func firstAsked() {
        for (uptime, isLost) in [(3, true), (3600, false)] {
            var records = OutageRecords()
            records.wentOut("x", now: start)
            records.learned(memory, uptime: .seconds(uptime), of: "y", now: start + .seconds(5))
            #expect(mayHaveLost(records) == isLost)
        }
    }

    @Test("A server that never said what it remembers may have lost all")
    func unknown() {
        var records = records()
        records.wentOut("x", now: start)
        #expect(mayHaveLost(records))
    }

    @Test("A server that went out long before another is dead for everybody, and took no notes for it")
    func dead() {
        var records = OutageRecords()
        records.wentOut("d", now: start - OutageRecords.dead - .seconds(1))
        records.wentOut("e", now: start - OutageRecords.dead + .seconds(1))
        records.wentOut("x", now: start)
        #expect(records.isDead("d", for: "x"))
        #expect(!records.isDead("e", for: "x"))
        #expect(!records.isDead("x", for: "d"))
    }

    @Test(
        "A server that was used meanwhile, with keys in doubt, may have taken notes until it went out again"
    )
    func usedMeanwhile() {
        var records = OutageRecords()
        records.wentOut("d", now: start - OutageRecords.dead - .seconds(20))
        let doubt = Doubt(unread: ["e": .silent], since: 0, end: start)
        records.willComeBack("d", marks: [:], doubt: doubt, isInDoubt: true)
        records.cameBack("d")
        records.wentOut("d", now: start - .seconds(1))
        // As far as its own keys are concerned, it is still one outage.
        #expect(records.outages["d"]?.start == start - OutageRecords.dead - .seconds(20))
        records.wentOut("x", now: start)
        #expect(!records.isDead("d", for: "x"))
        #expect(records.timeOut(of: "d", now: start) == .seconds(1))
        #expect(records.timeOut(of: "e", now: start) == .zero)
        // A return that failed.
        records.wentOut("d", now: start)
        #expect(records.timeOut(of: "d", now: start) == .seconds(1))
    }

    @Test("An outage lasts until its doubts are over, and keeps what this process wrote")
    func sameOutage() {
        var records = records(knowing: memory)
        records.wentOut("x", now: start)
        records.willWrite("k", for: "x", now: start)
        let doubt = Doubt(unread: ["y": .silent], since: 1, end: start + .seconds(15))
        records.willComeBack("x", marks: ["z": "m"], doubt: doubt, isInDoubt: true)
        records.cameBack("x")
        #expect(records.outages["x"]?.own == ["k"])
        records.wentOut("x", now: start + .seconds(3))
        #expect(records.outages["x"]?.start == start)
        #expect(records.doubts["x"] == nil)
        records.willComeBack("x", marks: [:], doubt: nil, isInDoubt: false)
        records.cameBack("x")
        #expect(records.outages["x"] == nil)
        #expect(records.marks["x"] == ["z": "m"])
    }

    @Test(
        "A mark is known when the node goes out after it, and not to calls that find it out while it returns")
    func marks() {
        var records = OutageRecords()
        records.wentOut("x", now: start)
        records.willComeBack("x", marks: ["y": "1", "z": "2"], doubt: nil, isInDoubt: false)
        records.cameBack("x")
        records.willWrite("k", for: "x", now: start)
        #expect(records.marks["x"] == nil)
        records.wentOut("x", now: start + .seconds(1))
        #expect(records.marks["x"] == ["y": "1", "z": "2"])
        records.willComeBack("x", marks: ["z": "3"], doubt: nil, isInDoubt: false)
        records.cameBack("x")
        #expect(records.marks["x"] == ["y": "1", "z": "2"])
        records.wentOut("x", now: start + .seconds(2))
        #expect(records.marks["x"] == ["y": "1", "z": "3"])
    }

    @Test("A return that fails when all looks are over does not end the outage")
    func failedReturn() {
        var records = records(knowing: memory)
        records.wentOut("x", now: start)
        records.willWrite("k", for: "x", now: start)
        records.willComeBack("x", marks: ["y": "m"], doubt: nil, isInDoubt: false)
        #expect(records.outages["x"]?.own == ["k"])
        records.learned(
            ServerMemory(runID: "r2", marker: "m1"), uptime: .zero, of: "y", now: start + .seconds(5))
        #expect(mayHaveLost(records))
        records.willComeBack("x", marks: ["y": "m"], doubt: nil, isInDoubt: false)
        records.cameBack("x")
        #expect(records.outages["x"] == nil)
    }

    @Test("Servers that were not read are still read when the doubt is over")
    func outlives() {
        var records = OutageRecords()
        records.wentOut("x", now: start)
        records.willComeBack(
            "x", marks: [:], doubt: Doubt(unread: ["y": .silent, "z": .lost], since: 1, end: start),
            isInDoubt: true)
        records.cameBack("x")
        records.endDoubt(of: "x")
        #expect(records.doubts["x"]?.unread == ["y": .silent, "z": .lost])
        records.read("y", for: "x", mark: "m", hasLost: false)
        #expect(records.doubts["x"] == nil)
        records.wentOut("x", now: start)
        #expect(records.marks["x"] == ["y": "m"])
    }

    @Test("No more keys are remembered than there is room for")
    func bounded() {
        var records = OutageRecords()
        for number in 0..<OutageRecords.mostOwn {
            records.willWrite("\(number)", for: "x", now: start)
        }
        let (isNew, isOld) = (
            records.willWrite("one more", for: "x", now: start), records.willWrite("7", for: "x", now: start)
        )
        #expect(!isNew)
        #expect(isOld)
        #expect(records.outages["x"]?.own.count == OutageRecords.mostOwn)
    }

    @Test("A server says what it remembers in three texts and a number, and nothing else is believed")
    func reply() throws {
        func read(_ texts: String..., left: Int64 = 60_000) -> MemoryReply? {
            MemoryReply(texts.map { .string(Bytes($0.utf8)) } + [.integer(left)])
        }
        let whole = try #require(read("m", "r", "62"))
        #expect(whole.memory == ServerMemory(runID: "r", marker: "m"))
        #expect(whole.uptime == .seconds(61))
        #expect(whole.markerLeft == .seconds(60))
        #expect(read("m", "r", "1", left: -2)?.markerLeft == .zero)
        #expect(read("m", "r", "1", left: .max)?.markerLeft == StandInKeys.memoryTTL)
        // A user that may not run INFO.
        #expect(read("m", "", "")?.uptime == .zero)
        #expect(read("m", "r", "9223372036854775807")?.uptime == .zero)
        #expect(read("m", "r", "-5")?.uptime == .zero)
        #expect(read("m", "r") == nil)
        #expect(read(String(repeating: "m", count: 65), "r", "1") == nil)
        #expect(MemoryReply([.null, .string(Bytes("r".utf8)), .string(Bytes("1".utf8)), .integer(1)]) == nil)
        #expect(MemoryReply(["m", "r", "1", "1"].map { .string(Bytes($0.utf8)) }) == nil)
    }
}

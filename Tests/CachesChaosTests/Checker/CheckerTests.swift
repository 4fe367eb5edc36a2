import Testing

@testable import caches_chaos

/// The checker, on histories that are made up: each violation is found, and what is allowed is not one.
@Suite struct CheckerTests {
    // MARK: Stale reads

    @Test("a read finds what was acknowledged before it began, or something newer, or nothing")
    func fresh() {
        let writer = history([write(1, at: 100...200), write(2, at: 300...400)])
        let reader = history([
            read(nil, at: 50...60), read(1, at: 210...220), read(1, at: 350...360), read(2, at: 350...360),
            // Begun before the write was acknowledged.
            read(1, at: 390...500), read(2, at: 410...420), read(nil, at: 500...510),
        ])
        #expect(violations([writer, reader]).isEmpty)
    }

    @Test("a read of something older than what was acknowledged before it began is stale, whoever reads")
    func stale() {
        let writer = history([write(1, at: 100...200), write(2, at: 300...400), read(1, at: 500...510)])
        let reader = history([read(1, at: 401...410)])
        #expect(
            violations([writer, reader]) == [.stale(version: 1, floor: 2), .stale(version: 1, floor: 2)])
    }

    @Test("a write that failed sets no floor, and may be read all the same")
    func failedWrite() {
        let fault = fault(.kill(keepsData: true), from: 0, to: 1000)
        let writer = history([
            write(1, at: 100...200), failed(.write, "timeout", at: 300...400, version: 2),
        ])
        let reader = history([read(1, at: 500...510), read(2, at: 600...610)])
        #expect(violations([writer, reader], faults: [fault]).isEmpty)
    }

    @Test("keys have floors of their own")
    func keys() {
        let writer = history([write(5, at: 100...200, key: 1)])
        #expect(violations([writer, history([read(1, at: 300...310, key: 2)])]).isEmpty)
    }

    @Test("with no rule about old values none is too old, and everything else still counts")
    func noRule() {
        let writer = history([write(1, at: 100...200), write(2, at: 300...400)])
        let reader = history([read(1, at: 500...510), misdelivered(at: 600...610)])
        #expect(violations([writer, reader], rule: .none) == [.misdelivered])
    }

    // MARK: Stale reads after an outage

    @Test(
        "who saw the outage reads nothing older than what was written during it, once the node is back for it"
    )
    func sawOutage() {
        let writer = history([write(1, at: 10...20), write(2, at: 200...210)], out: [100...400])
        let seeing = history([read(1, at: 150...160), read(1, at: 401...410)], out: [120...400])
        #expect(violations([writer, seeing], rule: .sawOutage) == [.stale(version: 1, floor: 2)])
        let late = history([read(1, at: 399...405), read(2, at: 406...407)], out: [120...400])
        #expect(violations([writer, late], rule: .sawOutage).isEmpty)
    }

    @Test(
        "while the node is out for the reader, a value that was overwritten may be read as long as a stand-in keeps it"
    )
    func standIn() {
        let writer = history([write(1, at: 10...20), write(2, at: 200...210)])
        let kept = 210 + Checker.standInTTL + Self.deadline
        let reader = history(
            [read(1, at: 300...310), read(1, at: kept...kept + 10), read(2, at: kept + 500...kept + 510)],
            out: [100...])
        #expect(violations([writer, reader], rule: .sawOutage).isEmpty)
        let late = history([read(1, at: kept + 1...kept + 10)], out: [100...])
        #expect(violations([writer, late], rule: .sawOutage) == [.stale(version: 1, floor: 2)])
    }

    @Test("who did not see it, or saw another, may still read what was there before")
    func didNotSee() {
        let writer = history([write(1, at: 10...20), write(2, at: 200...210)], out: [100...400])
        let blind = history([read(1, at: 500...510)])
        let earlier = history([read(1, at: 500...510)], out: [20...150])
        let still = history([read(1, at: 500...510)], out: [120...])
        #expect(violations([writer, blind, earlier, still], rule: .sawOutage).isEmpty)
    }

    @Test("a write while nobody was out is no write of the outage")
    func writtenOutside() {
        let writer = history([write(1, at: 10...20), write(2, at: 90...110)], out: [100...400])
        let seeing = history([read(1, at: 500...510)], out: [100...400])
        #expect(violations([writer, seeing], rule: .sawOutage).isEmpty)
    }

    // MARK: Deadlines

    @Test("a call may take its deadline and 50 ms, and the time in which its process did not run")
    func deadlines() {
        let late = Self.deadline + Checker.patience
        #expect(violations([history([read(nil, at: 0...late)])]).isEmpty)
        #expect(violations([history([read(nil, at: 0...late + 1)])]) == [.late(by: Checker.patience + 1)])
        let stalled = history([read(nil, at: 0...late + 100)], stalls: [1000...1100])
        #expect(violations([stalled]).isEmpty)
        let stalledAtAnotherTime = history([read(nil, at: 0...late + 100)], stalls: [late + 200...late + 900])
        #expect(violations([stalledAtAnotherTime]) == [.late(by: Checker.patience + 100)])
    }

    // MARK: Replies and errors

    @Test("a reply that is another call's is found")
    func wrongCaller() {
        #expect(violations([history([misdelivered(at: 1...2)])]) == [.misdelivered])
    }

    @Test(
        "an error is explained by a fault of its node, of its kind, about its time, that its client could see"
    )
    func explained() {
        let faults = [
            fault(.kill(keepsData: false), from: 1000, to: 2000),
            fault(.partition(.both), from: 100_000_000, to: 100_001_000, client: 1),
        ]
        func found(_ code: String, at time: Int64, client: Int = 0, node: Int? = 0) -> [Violation.Kind] {
            let call = failed(.read, code, at: time...time + 10, on: node)
            let other = history([])
            return violations(
                client == 0 ? [history([call]), other] : [other, history([call])], faults: faults)
        }
        #expect(found("unreachable", at: 1500).isEmpty)
        #expect(found("connection lost", at: 1500).isEmpty)
        #expect(found("server LOADING", at: 1999).isEmpty)
        #expect(found("timeout", at: 2000 + Checker.aftermath).isEmpty)
        #expect(found("unreachable", at: 100_000_500, client: 1).isEmpty)

        #expect(found("unreachable", at: 500) == [.wrongError(code: "unreachable", node: 0)])
        #expect(
            found("timeout", at: 2001 + Checker.aftermath) == [.wrongError(code: "timeout", node: 0)])
        #expect(
            found("unreachable", at: 100_000_500) == [.wrongError(code: "unreachable", node: 0)])
        #expect(found("decoding", at: 1500) == [.wrongError(code: "decoding", node: 0)])
        #expect(found("server OOM", at: 1500) == [.wrongError(code: "server OOM", node: 0)])
        // A fault that can't make a server load its data.
        #expect(
            found("server LOADING", at: 100_000_500, client: 1)
                == [.wrongError(code: "server LOADING", node: 0)])
        // The wrong node, and none.
        #expect(found("unreachable", at: 1500, node: 1) == [.wrongError(code: "unreachable", node: 1)])
        #expect(found("unreachable", at: 1500, node: nil) == [.wrongError(code: "unreachable", node: nil)])
    }

    @Test("a machine that did not get on explains a call that was late, and nothing else")
    func starved() {
        let stall: ClosedRange<Int64> = 20_000_000...20_000_001 + Checker.starvation
        let late = history([failed(.read, "timeout", at: 20_400_000...20_900_000)])
        let lost = history([failed(.read, "connection lost", at: 20_400_000...20_900_000)])
        let elsewhere = history([], stalls: [stall])
        #expect(violations([late, elsewhere]).isEmpty)
        #expect(violations([late, history([])]) == [.wrongError(code: "timeout", node: 0)])
        #expect(violations([lost, elsewhere]) == [.wrongError(code: "connection lost", node: 0)])
    }

    // MARK: Hangs and leaks

    @Test("a process that did not end, and calls that did not, are hangs")
    func hangs() {
        var silent = history([])
        silent.pending = nil
        var pending = history([])
        pending.pending = 3
        #expect(violations([silent, pending]) == [.hang(pending: nil), .hang(pending: 3)])
    }

    @Test("a process that holds more at its end than at its beginning leaks")
    func leaks() {
        func held(_ descriptors: Int, _ kibibytes: Int, at end: Int64 = 90_000_000) -> [Violation.Kind] {
            var history = history([])
            history.resources = [(1, 5, 1000), (4_000_000, 20, 30_000), (50_000_000, 90, 90_000)]
            history.resources.append((end, descriptors, kibibytes))
            return violations([history])
        }
        #expect(held(20 + Checker.spareDescriptors, 30_000 + Checker.spareKibibytes).isEmpty)
        #expect(
            held(21 + Checker.spareDescriptors, 1) == [
                .leak(of: "descriptors", before: 20, after: 21 + Checker.spareDescriptors)
            ])
        #expect(
            held(1, 30_001 + Checker.spareKibibytes) == [
                .leak(of: "KiB of memory", before: 30_000, after: 30_001 + Checker.spareKibibytes)
            ])
        // What is held in the middle of it all proves nothing.
        #expect(held(900, 900_000, at: 60_000_000).isEmpty)
    }

    @Test("every violation says what it is, and has a name to be counted by")
    func described() {
        let kinds: [Violation.Kind] = [
            .stale(version: 1, floor: 2), .misdelivered, .late(by: 60_000),
            .wrongError(code: "ERR", node: nil), .hang(pending: nil), .hang(pending: 2),
            .leak(of: "descriptors", before: 1, after: 9),
        ]
        let violations = kinds.map { Violation(client: 3, call: read(1, at: 1...2), kind: $0) }
        #expect(Set(violations.map(\.description)).count == kinds.count)
        #expect(Set(violations.map(\.name)).count == kinds.count - 1)
        #expect(violations.allSatisfy { $0.description.hasPrefix("client 3: ") })
    }

    // MARK: Making histories up

    private static let deadline: Int64 = 500_000

    private func violations(
        _ histories: [History], rule: ConsistencyRule = .acknowledged, faults: [Fault] = []
    ) -> [Violation.Kind] {
        Checker(deadline: Self.deadline, rule: rule, faults: faults, begin: 0, quiet: 80_000_000)
            .violations(in: histories).map(\.kind)
    }

    private func history(
        _ calls: [Call], stalls: [ClosedRange<Int64>] = [], out: [any RangeExpression<Int64>] = []
    ) -> History {
        var history = History([Record.end(pending: 0)])
        history.calls = calls
        history.stalls = stalls
        for outage in out {
            let range = outage.relative(to: 0..<Int64.max)
            history.health.append((0, true, range.lowerBound))
            if range.upperBound < Int64.max { history.health.append((0, false, range.upperBound - 1)) }
        }
        return history
    }

    private func write(_ version: Int, at time: ClosedRange<Int64>, key: Int = 1) -> Call {
        Call(
            operation: .write, key: key, node: 0, version: version, begin: time.lowerBound,
            end: time.upperBound, outcome: .done(version: version))
    }

    private func read(_ version: Int?, at time: ClosedRange<Int64>, key: Int = 1) -> Call {
        Call(
            operation: .read, key: key, node: 0, version: nil, begin: time.lowerBound, end: time.upperBound,
            outcome: .done(version: version))
    }

    private func misdelivered(at time: ClosedRange<Int64>) -> Call {
        Call(
            operation: .echo, key: -1, node: 0, version: nil, begin: time.lowerBound, end: time.upperBound,
            outcome: .misdelivered)
    }

    private func failed(
        _ operation: Call.Operation, _ code: String, at time: ClosedRange<Int64>, version: Int? = nil,
        on node: Int? = 0
    ) -> Call {
        Call(
            operation: operation, key: 1, node: 0, version: version, begin: time.lowerBound,
            end: time.upperBound, outcome: .failed(code: code, node: node))
    }

    private func fault(_ kind: Fault.Kind, from begin: Int64, to end: Int64, client: Int? = nil) -> Fault {
        Fault(kind: kind, server: 0, client: client, begin: begin, end: end)
    }
}

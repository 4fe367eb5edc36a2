import Testing

@testable import caches_chaos

/// Tests the checker on made-up histories: it finds each violation, and passes events that are allowed.
@Suite struct CheckerTests {
    // MARK: Deadlines

    @Test("A call may take its deadline and 50 ms, and the time in which its process did not run")
    func deadlines() {
        let late = MadeUp.deadline + Checker.patience
        #expect(MadeUp.violations([MadeUp.history([MadeUp.read(nil, at: 0...late)])]).isEmpty)
        #expect(
            MadeUp.violations([MadeUp.history([MadeUp.read(nil, at: 0...late + 1)])]) == [
                .late(by: Checker.patience + 1)
            ])
        let stalled = MadeUp.history([MadeUp.read(nil, at: 0...late + 100)], stalls: [1000...1100])
        #expect(MadeUp.violations([stalled]).isEmpty)
        let stalledAtAnotherTime = MadeUp.history(
            [MadeUp.read(nil, at: 0...late + 100)], stalls: [late + 200...late + 900])
        #expect(MadeUp.violations([stalledAtAnotherTime]) == [.late(by: Checker.patience + 100)])
    }

    @Test("A call for many keys may take a few deadlines")
    func bulkDeadline() {
        let most = Checker.bulkDeadlines * MadeUp.deadline + Checker.patience
        func found(_ end: Int64) -> [Violation.Kind] {
            MadeUp.violations([
                MadeUp.history([MadeUp.call(.bulk, .done(version: nil), at: 0...end, key: -1)])
            ])
        }
        #expect(found(most).isEmpty)
        #expect(found(most + 1) == [.late(by: Checker.patience + 1)])
    }

    // MARK: Replies and errors

    @Test("A reply of another call is found")
    func wrongCaller() {
        #expect(MadeUp.violations([MadeUp.history([MadeUp.misdelivered(at: 1...2)])]) == [.misdelivered])
    }

    @Test(
        "An error is explained by a fault of its node, of its kind, about its time, that its client could see"
    )
    func explained() {
        let faults = [
            MadeUp.fault(.kill(keepsData: false), from: 1000, to: 2000),
            MadeUp.fault(.partition(.both), from: 100_000_000, to: 100_001_000, client: 1),
        ]
        func found(_ code: String, at time: Int64, client: Int = 0, node: Int? = 0) -> [Violation.Kind] {
            let call = MadeUp.failed(.read, code, at: time...time + 10, on: node)
            let other = MadeUp.history([])
            return MadeUp.violations(
                client == 0 ? [MadeUp.history([call]), other] : [other, MadeUp.history([call])],
                faults: faults)
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
        // The wrong node, and no node.
        #expect(found("unreachable", at: 1500, node: 1) == [.wrongError(code: "unreachable", node: 1)])
        #expect(found("unreachable", at: 1500, node: nil) == [.wrongError(code: "unreachable", node: nil)])
    }

    @Test("A machine that was too busy explains a late call, and nothing else")
    func starved() {
        let stall: ClosedRange<Int64> = 20_000_000...20_000_001 + Starvation.least
        let late = MadeUp.history([MadeUp.failed(.read, "timeout", at: 20_400_000...20_900_000)])
        let lost = MadeUp.history([MadeUp.failed(.read, "connection lost", at: 20_400_000...20_900_000)])
        let elsewhere = MadeUp.history([], stalls: [stall])
        #expect(MadeUp.violations([late, elsewhere]).isEmpty)
        #expect(MadeUp.violations([late, MadeUp.history([])]) == [.wrongError(code: "timeout", node: 0)])
        #expect(MadeUp.violations([lost, elsewhere]) == [.wrongError(code: "connection lost", node: 0)])
    }

    @Test("An outage of a node explains its errors, and needs an explanation itself")
    func out() {
        func found(_ code: String, on node: Int = 0) -> [Violation.Kind] {
            var history = MadeUp.history([MadeUp.failed(.read, code, at: 20_400_000...20_900_000, on: node)])
            history.add(20_899_000..<21_000_000)
            return MadeUp.violations([history], rule: .sawOutage)
        }
        for code in ["timeout", "unreachable", "connection lost"] {
            #expect(found(code) == [.ejected(at: 20_899_000)])
            #expect(found(code, on: 1).contains(.wrongError(code: code, node: 1)))
        }
        #expect(found("server OOM").contains(.wrongError(code: "server OOM", node: 0)))
    }

    @Test("A server that was too busy explains late calls as well, if bystanders saw it")
    func silent() {
        let silence = Bystanders.Silence(server: 0, begin: 20_000_000, end: 20_000_001 + Starvation.least)
        func found(_ code: String, _ silence: Bystanders.Silence, _ faults: [Fault] = []) -> [Violation.Kind]
        {
            var bystanders = Bystanders()
            bystanders.silences = [silence]
            let history = MadeUp.history([MadeUp.failed(.read, code, at: 20_400_000...20_900_000)])
            return MadeUp.violations([history], faults: faults, bystanders: bystanders)
        }
        var (short, elsewhere) = (silence, silence)
        short.end -= 1
        elsewhere.server = 1
        #expect(found("timeout", silence).isEmpty)
        #expect(found("timeout", short) == [.wrongError(code: "timeout", node: 0)])
        #expect(found("timeout", elsewhere) == [.wrongError(code: "timeout", node: 0)])
        #expect(found("connection lost", silence) == [.wrongError(code: "connection lost", node: 0)])
        // A fault on purpose explains only the errors that it can cause.
        let flush = MadeUp.fault(.flush, from: 20_000_000, to: 20_000_000)
        #expect(found("timeout", silence, [flush]) == [.wrongError(code: "timeout", node: 0)])
    }

    // MARK: Hangs and leaks

    @Test("A process that did not end, and calls that did not, are hangs")
    func hangs() {
        var silent = MadeUp.history([])
        silent.pending = nil
        var pending = MadeUp.history([])
        pending.pending = 3
        #expect(MadeUp.violations([silent, pending]) == [.hang(pending: nil), .hang(pending: 3)])
    }

    @Test("A process that holds more at its end than at its beginning leaks")
    func leaks() {
        func held(_ descriptors: Int, _ kibibytes: Int, at end: Int64 = 90_000_000) -> [Violation.Kind] {
            var history = MadeUp.history([])
            history.resources = [(1, 5, 1000), (4_000_000, 20, 30_000), (50_000_000, 90, 90_000)]
            history.resources.append((end, descriptors, kibibytes))
            return MadeUp.violations([history])
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
        // The values in the middle of the run prove nothing.
        #expect(held(900, 900_000, at: 60_000_000).isEmpty)
    }

    @Test("Every violation says what it is, and has a name to be counted by")
    func described() {
        let kinds: [Violation.Kind] = [
            .stale(version: 1, floor: 2), .misdelivered, .late(by: 60_000),
            .wrongError(code: "ERR", node: nil), .lost(key: "k", by: 1), .changed(key: "k", by: 1),
            .shrunk(to: 1, from: 2), .claimedTwice, .ejected(at: 1), .keptOut(for: 9), .hang(pending: nil),
            .hang(pending: 2),
            .leak(of: "descriptors", before: 1, after: 9),
        ]
        let violations = kinds.map { Violation(client: 3, call: MadeUp.read(1, at: 1...2), kind: $0) }
        #expect(Set(violations.map(\.description)).count == kinds.count)
        #expect(Set(violations.map(\.name)).count == kinds.count - 4)
        #expect(violations.allSatisfy { $0.description.hasPrefix("client 3: ") })
    }
}

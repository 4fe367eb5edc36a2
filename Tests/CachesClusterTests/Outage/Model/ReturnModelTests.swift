import Testing

@testable import CachesCluster

/// Tests the product's rules for a node's return, and its values, in every order of events within some
/// bounds; and breaks each rule in turn, which has to be found.
@Suite struct ReturnModelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let scope: ModelScope

        var testDescription: String { name }

        static func two(
            _ name: String, writes: Int = 1, faults: Int, _ kinds: ModelScope.Faults
        ) -> Case {
            Case(
                name: "2 servers: \(name)",
                scope: ModelScope(servers: 2, writes: writes, faults: faults, kinds: kinds))
        }

        static func three(
            _ name: String, writes: Int = 1, faults: Int, _ kinds: ModelScope.Faults
        ) -> Case {
            Case(
                name: "3 servers: \(name)",
                scope: ModelScope(
                    servers: 3, writes: writes, faults: faults, kinds: kinds, isOrdered: true,
                    isUsedAtOnce: true))
        }
    }

    @Test(
        "No order of events removes an innocent key, reads an old value, or keeps a client from the node",
        arguments: [
            Case.two("ways closed", writes: 2, faults: 3, [.ownerCut, .otherCut]),
            .two("ways closed, notes lost", faults: 3, [.ownerCut, .otherCut, .loss]),
            .two("the owner out for all, FLUSHALL", faults: 3, [.ownerOut, .flush]),
            .two("the owner stops and restarts", writes: 2, faults: 2, [.ownerCut, .pause, .ownerRestart]),
            .two("a client ends", faults: 3, [.ownerCut, .crash, .loss]),
            .two("restarts with data", faults: 3, [.ownerCut, .otherCut, .restart]),
            .two("late looks", faults: 3, [.ownerCut, .lateLooks, .otherCut]),
            .two("everything", writes: 2, faults: 2, .all),
            .two("a note made once more", writes: 3, faults: 2, [.ownerCut, .otherCut]),
            .three("ways closed", faults: 3, [.ownerCut, .otherCut]),
            .three("a server loses its notes", faults: 3, [.ownerCut, .otherCut, .loss]),
            .three("a client cut off from all, FLUSHALL", faults: 2, [.ownerOut, .clientOut, .flush]),
            .three("everything", faults: 2, .all),
        ])
    func holds(_ tried: Case) {
        var search = ModelSearch(tried.scope)
        let outcome = search.run()
        Self.tell(tried.name, outcome)
        #expect(outcome.violation == nil, "\(Self.lines(outcome.trace))")
        #expect(outcome.isComplete)
        // At least two steps for each of the others: a look, and one more after its notes.
        #expect((8...17).contains(outcome.stepsAlone))
    }

    // MARK: Each rule is needed

    private func breaks(
        _ name: String, _ tried: Case, _ expected: ModelViolation, within steps: Int,
        mistakes: ModelMistakes = [], after opening: [(event: ModelEvent, client: Int)] = [],
        _ change: (inout ReturnRules) -> Void = { _ in }
    ) {
        var (scope, rules) = (tried.scope, ReturnRules())
        change(&rules)
        scope.mistakes = mistakes
        scope.opening = opening
        var search = ModelSearch(scope, rules: rules, checksProgress: expected == .noProgress)
        let outcome = search.run()
        Self.tell(name, outcome)
        #expect(outcome.violation == expected, "\(Self.lines(outcome.trace))")
        #expect(outcome.trace.count <= steps, "\(Self.lines(outcome.trace))")
    }

    @Test("Without removals an old value is read")
    func removals() {
        breaks("nothing is removed", .two("", faults: 1, [.ownerCut]), .staleRead, within: 5) {
            $0.removesOld = false
        }
    }

    @Test("A client that removes everything when some notes are not known removes an innocent key")
    func unknown() {
        breaks(
            "what is not known is removed", .two("", faults: 2, [.ownerCut, .otherCut]), .innocentLoss,
            within: 5
        ) {
            $0.removesUnknown = true
        }
    }

    @Test("A client that waits for a silent server does not return")
    func silent() {
        breaks(
            "the silent are waited for", .two("", faults: 2, [.ownerCut, .otherCut]), .noProgress, within: 5
        ) {
            $0.waitsForSilent = true
        }
    }

    @Test(
        "Without doubt an old value is read",
        arguments: [
            Case.two("ways closed", faults: 2, [.ownerCut, .otherCut]),
            .three("ways closed", faults: 3, [.ownerCut, .otherCut]),
        ])
    func doubt(_ tried: Case) {
        breaks("no doubt", tried, .staleRead, within: 14) { $0.doubts = false }
    }

    @Test("A note in one place is lost with one server")
    func oneHolder() {
        breaks("one holder", .three("", faults: 2, [.ownerOut, .loss]), .staleRead, within: 10) {
            $0.noteHolders = 1
        }
    }

    @Test("A client that does not check whether notes were lost reads an old value")
    func memory() {
        breaks("no memory", .two("", faults: 3, [.ownerCut, .loss]), .staleRead, within: 10) {
            $0.knowsMemory = false
        }
    }

    @Test("One of a write's two notes may be lost before the outage in which it is acknowledged")
    func margin() {
        breaks(
            "no margin", .three("", faults: 4, [.ownerCut, .loss]), .staleRead, within: 14,
            after: [(.ownerCut, 0), (.beginWrite, 0), (.note, 0)]
        ) { $0.lossMargin = .zero }
    }

    @Test("A client that counts notes forgets one that was made again")
    func counted() {
        breaks("counted notes", .two("", writes: 3, faults: 2, [.ownerCut]), .staleRead, within: 16) {
            $0.noteNumbers = .counted
        }
    }

    @Test("A write before a client used the node again is not sure")
    func sure() {
        breaks(
            "sure since the return began", .two("", writes: 2, faults: 4, [.ownerOut, .ownerCut, .loss]),
            .staleRead,
            within: 21,
            after: [
                (.loss, 0), (.ownerOut, 0), (.ownerOpen, 0), (.ownerOpen, 1), (.begin, 0), (.begin, 1),
                (.look, 0),
                (.judge, 0),
            ]
        ) { $0.sureSince = .begin }
    }

    @Test("An outage that is forgotten before the node is used is missed when the return fails")
    func failedReturn() {
        breaks(
            "the outage ends early", .two("", faults: 3, [.ownerOut, .loss]), .staleRead, within: 19,
            mistakes: .endsOutageEarly,
            after: [(.ownerOut, 0), (.ownerOpen, 0), (.ownerOpen, 1), (.begin, 0)])
    }

    @Test("A client that writes elsewhere while it returns misses its own writes")
    func writes() {
        breaks(
            "writes while returning", .two("", faults: 2, [.ownerCut]), .staleRead, within: 14,
            mistakes: .writesWhileReturning)
    }

    private static func tell(_ name: String, _ outcome: ModelSearch.Outcome) {
        let end = outcome.violation.map { "\($0) after \(outcome.trace.count) steps" } ?? "no violation"
        print(
            "return model, \(name): \(end); \(outcome.states) states, \(outcome.orders) steps tried"
                + "\(outcome.isComplete ? ", all there are" : ""); alone \(outcome.stepsAlone) steps at most")
    }

    private static func lines(_ trace: [String]) -> String { trace.joined(separator: "\n") }
}

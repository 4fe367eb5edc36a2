import CachesTransport
import Testing

@testable import CachesCluster

/// The machine of a node whose connections are named by their numbers.
private typealias Machine = NodeStateMachine<Int>

@Suite struct NodeStateMachineTests {
    /// A state that the machine can be in, with what decides what it does next.
    enum Situation: CaseIterable {
        case idle, connecting, justUp, longUp, down, probing, closed
    }

    /// What can happen. News is of the last connection, or of the one before it.
    enum Event: CaseIterable {
        case wanted, opened, openedBefore, lost, lostBefore, retryDue, close
    }

    /// What the machine does about it.
    enum Outcome: Equatable {
        case use(Int)
        case fail(CachesError.Code)
        case act(NodeStateMachine<Int>.Action)
        /// Nothing is returned.
        case none
        case close(Int?)
    }

    struct Case: CustomTestStringConvertible {
        let situation: Situation
        let event: Event
        let outcome: Outcome
        /// The state afterwards, and the number of the connection that is open or being opened.
        let state: String
        let current: Int?

        init(
            _ situation: Situation, _ event: Event, _ outcome: Outcome, _ state: String, _ current: Int? = nil
        ) {
            (self.situation, self.event, self.outcome) = (situation, event, outcome)
            (self.state, self.current) = (state, current)
        }

        var testDescription: String { "\(situation), \(event)" }
    }

    static let cases = [
        Case(.idle, .wanted, .use(1), "connecting", 1),
        Case(.idle, .opened, .act(.nothing), "idle"),
        Case(.idle, .openedBefore, .act(.nothing), "idle"),
        Case(.idle, .lost, .act(.nothing), "idle"),
        Case(.idle, .lostBefore, .act(.nothing), "idle"),
        Case(.idle, .retryDue, .none, "idle"),
        Case(.idle, .close, .close(nil), "closed"),

        Case(.connecting, .wanted, .use(2), "connecting", 2),
        Case(.connecting, .opened, .act(.nothing), "up", 2),
        Case(.connecting, .openedBefore, .act(.nothing), "connecting", 2),
        Case(.connecting, .lost, .act(.reportDown(afterFailures: 1)), "down"),
        Case(.connecting, .lostBefore, .act(.nothing), "connecting", 2),
        Case(.connecting, .retryDue, .none, "connecting", 2),
        Case(.connecting, .close, .close(2), "closed"),

        Case(.justUp, .wanted, .use(2), "up", 2),
        Case(.justUp, .opened, .act(.nothing), "up", 2),
        Case(.justUp, .openedBefore, .act(.nothing), "up", 2),
        Case(.justUp, .lost, .act(.reportDown(afterFailures: 1)), "down"),
        Case(.justUp, .lostBefore, .act(.nothing), "up", 2),
        Case(.justUp, .retryDue, .none, "up", 2),
        Case(.justUp, .close, .close(2), "closed"),

        Case(.longUp, .wanted, .use(2), "up", 2),
        Case(.longUp, .opened, .act(.nothing), "up", 2),
        Case(.longUp, .openedBefore, .act(.nothing), "up", 2),
        Case(.longUp, .lost, .act(.nothing), "connecting", 3),
        Case(.longUp, .lostBefore, .act(.nothing), "up", 2),
        Case(.longUp, .retryDue, .none, "up", 2),
        Case(.longUp, .close, .close(2), "closed"),

        Case(.down, .wanted, .fail(.unreachable), "down"),
        Case(.down, .opened, .act(.nothing), "down"),
        Case(.down, .openedBefore, .act(.nothing), "down"),
        Case(.down, .lost, .act(.nothing), "down"),
        Case(.down, .lostBefore, .act(.nothing), "down"),
        Case(.down, .retryDue, .none, "down", 3),
        Case(.down, .close, .close(nil), "closed"),

        Case(.probing, .wanted, .fail(.unreachable), "down", 3),
        Case(.probing, .opened, .act(.reportUp), "up", 3),
        Case(.probing, .openedBefore, .act(.nothing), "down", 3),
        Case(.probing, .lost, .act(.retry(afterFailures: 2)), "down"),
        Case(.probing, .lostBefore, .act(.nothing), "down", 3),
        Case(.probing, .retryDue, .none, "down", 3),
        Case(.probing, .close, .close(3), "closed"),

        Case(.closed, .wanted, .fail(.closed), "closed"),
        Case(.closed, .opened, .act(.nothing), "closed"),
        Case(.closed, .openedBefore, .act(.nothing), "closed"),
        Case(.closed, .lost, .act(.nothing), "closed"),
        Case(.closed, .lostBefore, .act(.nothing), "closed"),
        Case(.closed, .retryDue, .none, "closed"),
        Case(.closed, .close, .close(2), "closed"),
    ]

    @Test("the table has every state and every event")
    func complete() {
        for situation in Situation.allCases {
            #expect(Self.cases.filter { $0.situation == situation }.map(\.event) == Event.allCases)
        }
    }

    @Test("each event does in each state what the table says", arguments: cases)
    func transition(_ expected: Case) {
        var (machine, last) = Self.machine(in: expected.situation)
        let outcome = Self.tell(&machine, expected.event, last: last)
        #expect(outcome == expected.outcome)
        #expect(machine.summary.description == expected.state)
        #expect(machine.current?.number == expected.current)
        #expect(machine.current?.connection == expected.current)
    }

    @Test("an outage is reported once, and so is its end")
    func reportsOnce() {
        var machine = Machine()
        _ = machine.wanted(open: Self.open)
        var actions = [machine.lost(1, Self.error, now: Self.start, open: Self.open)]
        for number in 2...4 {
            machine.retryDue(open: Self.open)
            actions.append(machine.lost(number, Self.error, now: Self.start, open: Self.open))
        }
        machine.retryDue(open: Self.open)
        actions.append(machine.opened(5, now: Self.start))
        actions.append(machine.opened(5, now: Self.start))
        #expect(
            actions == [
                .reportDown(afterFailures: 1), .retry(afterFailures: 2), .retry(afterFailures: 3),
                .retry(afterFailures: 4), .reportUp, .nothing,
            ])
        // A connection that is lost after a good while and replaced at once is no outage.
        #expect(machine.lost(5, Self.error, now: Self.later, open: Self.open) == .nothing)
        #expect(machine.opened(6, now: Self.later) == .nothing)
    }

    @Test("a server that accepts and hangs up is asked ever more seldom")
    func hangsUp() {
        var machine = Machine()
        _ = machine.wanted(open: Self.open)
        for number in 1...5 {
            _ = machine.opened(number, now: Self.start)
            let action = machine.lost(
                number, Self.error, now: Self.start + .milliseconds(999), open: Self.open)
            #expect(action == .reportDown(afterFailures: number))
            machine.retryDue(open: Self.open)
        }
    }

    @Test("a connection that lasted makes the failures before it forgotten")
    func forgets() {
        var machine = Machine()
        _ = machine.wanted(open: Self.open)
        _ = machine.lost(1, Self.error, now: Self.start, open: Self.open)
        machine.retryDue(open: Self.open)
        _ = machine.lost(2, Self.error, now: Self.start, open: Self.open)
        machine.retryDue(open: Self.open)
        _ = machine.opened(3, now: Self.start)
        #expect(machine.lost(3, Self.error, now: Self.start + .seconds(1), open: Self.open) == .nothing)
        let action = machine.lost(4, Self.error, now: Self.later, open: Self.open)
        #expect(action == .reportDown(afterFailures: 1))
    }

    @Test("Closing twice waits for the same connection, until that is closed")
    func closingTwice() {
        var machine = NodeStateMachine<Int>()
        guard case .use(7) = machine.wanted(open: { _ in 7 }) else {
            Issue.record("no connection was begun")
            return
        }
        #expect(machine.close() == 7)
        #expect(machine.close() == 7)
        let error = CachesError(.closed, "closed by its owner")
        #expect(machine.lost(1, error, now: .now, open: { _ in 8 }) == .nothing)
        #expect(machine.close() == nil)
    }

    @Test("calls fail with the error of the last attempt")
    func lastError() {
        var machine = Machine()
        _ = machine.wanted(open: Self.open)
        _ = machine.lost(1, Self.error, now: Self.start, open: Self.open)
        machine.retryDue(open: Self.open)
        _ = machine.lost(2, CachesError(.tls, "second"), now: Self.start, open: Self.open)
        #expect(Self.outcome(machine.wanted(open: Self.open)) == .fail(.tls))
        guard case .down(let error) = machine.summary else { return #expect(Bool(false), "it is not down") }
        #expect(error.message == "second")
    }

    // MARK: Making and telling machines

    private static let start = ContinuousClock.now
    private static let later = start + .seconds(10)
    private static let error = CachesError(.unreachable, "first")

    private static func open(_ number: Int) -> Int { number }

    /// A machine in a state, and the number of its last connection: 2 or 3, so that there was one before.
    private static func machine(in situation: Situation) -> (Machine, last: Int) {
        var machine = Machine()
        guard situation != .idle else { return (machine, 2) }
        // Number 1 lasted, and its end was no failure.
        _ = machine.wanted(open: open)
        _ = machine.opened(1, now: start - .seconds(10))
        _ = machine.lost(1, error, now: start, open: open)
        switch situation {
        case .idle, .connecting: break
        case .justUp: _ = machine.opened(2, now: later)
        case .longUp: _ = machine.opened(2, now: later - .seconds(1))
        case .down: _ = machine.lost(2, error, now: start, open: open)
        case .probing:
            _ = machine.lost(2, error, now: start, open: open)
            machine.retryDue(open: open)
            return (machine, 3)
        case .closed: _ = machine.close()
        }
        return (machine, 2)
    }

    private static func tell(_ machine: inout Machine, _ event: Event, last: Int) -> Outcome {
        switch event {
        case .wanted: return outcome(machine.wanted(open: open))
        case .opened: return .act(machine.opened(last, now: later))
        case .openedBefore: return .act(machine.opened(last - 1, now: later))
        case .lost: return .act(machine.lost(last, error, now: later, open: open))
        case .lostBefore: return .act(machine.lost(last - 1, error, now: later, open: open))
        case .retryDue:
            machine.retryDue(open: open)
            return .none
        case .close: return .close(machine.close())
        }
    }

    private static func outcome(_ access: Machine.Access) -> Outcome {
        switch access {
        case .use(let connection): .use(connection)
        case .fail(let error): .fail(error.code)
        }
    }
}

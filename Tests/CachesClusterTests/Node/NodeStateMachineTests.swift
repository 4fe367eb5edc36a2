import CachesTransport
import Testing

@testable import CachesCluster

/// The machine of a node whose connections are named by their numbers.
private typealias Machine = NodeStateMachine<Int>

@Suite struct NodeStateMachineTests {
    /// A state of the machine, with the fact that decides its next step.
    enum Situation: CaseIterable { case idle, connecting, justUp, longUp, closed }

    /// The events. News concerns the last connection, or the one before it.
    enum Event: CaseIterable { case wanted, opened, openedBefore, lost, lostBefore, close }

    /// The machine's answer.
    enum Outcome: Equatable {
        case use(Int, isOpen: Bool)
        case useNone
        case opened(Bool)
        case lost(NodeStateMachine<Int>.Loss)
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
        Case(.idle, .wanted, .use(1, isOpen: false), "connecting", 1),
        Case(.idle, .opened, .opened(false), "idle"),
        Case(.idle, .openedBefore, .opened(false), "idle"),
        Case(.idle, .lost, .lost(.stale), "idle"),
        Case(.idle, .lostBefore, .lost(.stale), "idle"),
        Case(.idle, .close, .close(nil), "closed"),

        Case(.connecting, .wanted, .use(2, isOpen: false), "connecting", 2),
        Case(.connecting, .opened, .opened(true), "up", 2),
        Case(.connecting, .openedBefore, .opened(false), "connecting", 2),
        Case(.connecting, .lost, .lost(.unopened), "idle"),
        Case(.connecting, .lostBefore, .lost(.stale), "connecting", 2),
        Case(.connecting, .close, .close(2), "closed"),

        Case(.justUp, .wanted, .use(2, isOpen: true), "up", 2),
        Case(.justUp, .opened, .opened(false), "up", 2),
        Case(.justUp, .openedBefore, .opened(false), "up", 2),
        Case(.justUp, .lost, .lost(.young), "idle"),
        Case(.justUp, .lostBefore, .lost(.stale), "up", 2),
        Case(.justUp, .close, .close(2), "closed"),

        Case(.longUp, .wanted, .use(2, isOpen: true), "up", 2),
        Case(.longUp, .opened, .opened(false), "up", 2),
        Case(.longUp, .openedBefore, .opened(false), "up", 2),
        Case(.longUp, .lost, .lost(.used), "idle"),
        Case(.longUp, .lostBefore, .lost(.stale), "up", 2),
        Case(.longUp, .close, .close(2), "closed"),

        Case(.closed, .wanted, .useNone, "closed"),
        Case(.closed, .opened, .opened(false), "closed"),
        Case(.closed, .openedBefore, .opened(false), "closed"),
        Case(.closed, .lost, .lost(.stale), "closed"),
        Case(.closed, .lostBefore, .lost(.stale), "closed"),
        Case(.closed, .close, .close(2), "closed"),
    ]

    @Test("The table has every state and every event")
    func complete() {
        for situation in Situation.allCases {
            #expect(Self.cases.filter { $0.situation == situation }.map(\.event) == Event.allCases)
        }
    }

    @Test("Each event does in each state what the table says", arguments: cases)
    func transition(_ expected: Case) {
        var machine = Self.machine(in: expected.situation)
        let outcome = Self.tell(&machine, expected.event)
        #expect(outcome == expected.outcome)
        #expect(machine.summary.description == expected.state)
        #expect(machine.current == expected.current)
    }

    @Test("Closing twice waits for the same connection, until that is closed")
    func closingTwice() {
        var machine = Machine()
        #expect(machine.wanted(open: { _ in 7 })?.connection == 7)
        #expect(machine.close() == 7)
        #expect(machine.close() == 7)
        #expect(machine.lost(7, now: .now) == .stale)
        #expect(machine.close() == nil)
    }

    @Test("A connection that carries a call which lost one before is not young: it may have ended for that")
    func repeated() {
        var machine = Self.machine(in: .justUp)
        machine.carriesRepeated(2)
        #expect(machine.lost(2, now: Self.later) == .used)

        var connecting = Self.machine(in: .connecting)
        connecting.carriesRepeated(2)
        _ = connecting.opened(2, now: Self.later)
        #expect(connecting.lost(2, now: Self.later) == .used)

        var other = Self.machine(in: .justUp)
        other.carriesRepeated(1)
        #expect(other.lost(2, now: Self.later) == .young)
    }

    @Test(
        "If this process hinders it, calls wait for no connection, and one is tried when a pause is over"
    )
    func hindered() throws {
        let backoff = Backoff(first: .milliseconds(100), cap: .seconds(5))
        let reason = CachesError(.unreachable, "The name service is out.")
        var machine = Self.machine(in: .connecting)
        let loss = machine.lost(2, now: Self.start)
        #expect(loss == .unopened)
        machine.couldNotOpen(hinderedBy: reason, backoff, jitter: 1, now: Self.start)
        #expect(machine.hindrance?.error.wasNotSent == true)
        machine.tryAgain(now: Self.start + .milliseconds(99), open: Self.open)
        #expect(machine.current == nil)
        machine.tryAgain(now: Self.start + .milliseconds(100), open: Self.open)
        #expect(machine.current == 3)
        // Calls don't wait for it.
        #expect(machine.offered == nil)
        machine.tryAgain(now: Self.later, open: Self.open)
        #expect(machine.current == 3)

        _ = machine.lost(3, now: Self.later)
        machine.couldNotOpen(hinderedBy: reason, backoff, jitter: 1, now: Self.later)
        #expect(machine.hindrance?.failures == 2)
        machine.tryAgain(now: Self.later + .milliseconds(199), open: Self.open)
        #expect(machine.current == nil)
        machine.tryAgain(now: Self.later + .milliseconds(200), open: Self.open)
        let isNews = machine.opened(4, now: Self.later)
        #expect(isNews)
        #expect(machine.hindrance == nil)
        #expect(machine.offered?.number == 4)

        // A fault of the server is a matter of its health.
        var other = Self.machine(in: .connecting)
        _ = other.lost(2, now: Self.start)
        other.couldNotOpen(hinderedBy: nil, backoff, jitter: 1, now: Self.start)
        #expect(other.hindrance == nil)
    }

    // MARK: Making and telling machines

    private static let start = ContinuousClock.now
    private static let later = start + .seconds(10)

    private static func open(_ number: Int) -> Int { number }

    /// A machine in a state, whose last connection has number 2, so that there was one before.
    private static func machine(in situation: Situation) -> Machine {
        var machine = Machine()
        guard situation != .idle else { return machine }
        _ = machine.wanted(open: open)
        _ = machine.opened(1, now: start)
        _ = machine.lost(1, now: start)
        _ = machine.wanted(open: open)
        switch situation {
        case .idle, .connecting: break
        case .justUp: _ = machine.opened(2, now: later - .milliseconds(999))
        case .longUp: _ = machine.opened(2, now: later - .seconds(1))
        case .closed: _ = machine.close()
        }
        return machine
    }

    private static func tell(_ machine: inout Machine, _ event: Event) -> Outcome {
        switch event {
        case .wanted:
            machine.wanted(open: open).map { .use($0.connection, isOpen: $0.isOpen) } ?? .useNone
        case .opened: .opened(machine.opened(2, now: later))
        case .openedBefore: .opened(machine.opened(1, now: later))
        case .lost: .lost(machine.lost(2, now: later))
        case .lostBefore: .lost(machine.lost(1, now: later))
        case .close: .close(machine.close())
        }
    }
}

/// A connection that is its number.
extension Int: NumberedConnection {
    public var number: Int { self }
}

import CachesTesting
import Testing

@testable import Caches

@Suite("The state machine of a flight")
struct FlightStateMachineTests {
    /// A machine that can be changed where it is looked at.
    private final class Flight {
        typealias Lead = FlightStateMachine.Lead

        private var machine: FlightStateMachine

        init(isShared: Bool = true) { machine = FlightStateMachine(isShared: isShared) }

        var isOver: Bool { machine.isOver }
        var isStoring: Bool { machine.isStoring }
        var count: Int { machine.count }
        func join(_ ticket: UInt64) -> Bool { machine.join(ticket) }
        func leave(_ ticket: UInt64) -> Bool { machine.leave(ticket) }
        func cancelled(_ lead: Lead) -> FlightStateMachine.Succession { machine.cancelled(lead) }
        func beginToStore(_ lead: Lead) -> Bool { machine.beginToStore(lead) }
        func end(_ lead: Lead) -> [UInt64]? { machine.end(lead) }
        func void() { machine.void() }
        func giveUp() -> [UInt64] { machine.giveUp() }
    }

    @Test("The state machine of a flight tells those who wait of the leader's end, once")
    func end() {
        let machine = Flight()
        #expect(machine.join(1))
        #expect(machine.join(2))
        #expect(machine.beginToStore(0))
        #expect(machine.isStoring)
        // Also while it is stored.
        #expect(machine.join(3))
        #expect(machine.end(0) == [1, 2, 3])
        #expect(machine.isOver)
        #expect(machine.end(0) == nil)
        #expect(!machine.join(4))
    }

    @Test(
        "The state machine of a flight hands a cancelled leader's place to the oldest who waits, and knows the two apart"
    )
    func succession() {
        let machine = Flight()
        for ticket: UInt64 in 1...3 { #expect(machine.join(ticket)) }
        #expect(machine.leave(1))
        #expect(!machine.leave(1))
        #expect(machine.cancelled(0) == .by(2, 1))
        #expect(machine.cancelled(0) == .unchanged)
        #expect(!machine.beginToStore(0))
        #expect(machine.end(0) == nil)
        #expect(machine.cancelled(1) == .by(3, 2))
        #expect(machine.cancelled(2) == .nobody)
        #expect(machine.isOver)
    }

    @Test("A leader that has its value hands nothing on")
    func cancelledWhileStoring() {
        let machine = Flight()
        #expect(machine.join(1))
        #expect(machine.beginToStore(0))
        #expect(machine.cancelled(0) == .unchanged)
        #expect(machine.end(0) == [1])
    }

    @Test("A voided result is not stored nor joined, and reported to those who had joined")
    func void() {
        let machine = Flight()
        #expect(machine.join(1))
        machine.void()
        #expect(!machine.isStoring)
        #expect(!machine.join(2))
        #expect(!machine.beginToStore(0))
        #expect(machine.end(0) == [1])
    }

    @Test("A computation that takes too long lets the waiting callers go, and is not stored")
    func tooLong() {
        let machine = Flight()
        #expect(machine.join(1))
        #expect(machine.giveUp() == [1])
        #expect(!machine.join(2))
        #expect(!machine.beginToStore(0))
        #expect(machine.end(0) == [])

        let storing = Flight()
        #expect(storing.join(1))
        #expect(storing.beginToStore(0))
        #expect(storing.giveUp() == [])
        #expect(storing.end(0) == [1])
    }

    @Test("A flight without waiters is voided like any other")
    func alone() {
        let machine = Flight(isShared: false)
        #expect(!machine.join(1))
        #expect(machine.cancelled(0) == .nobody)

        let other = Flight(isShared: false)
        other.void()
        #expect(!other.beginToStore(0))
    }

    /// The result of a flight for some callers, as they see it: reported by the machine alone.
    private struct Run {
        let machine = Flight()
        var waiting: Set<UInt64> = []
        var leads = [0]
        var told: [UInt64: Int] = [:]
        var isVoid = false
        var stored = 0

        mutating func tell(_ tickets: [UInt64]) {
            for ticket in tickets {
                let waited = waiting.remove(ticket) != nil
                #expect(waited)
                told[ticket, default: 0] += 1
            }
        }
    }

    @Test("In any order of events every caller is told once, one leads at a time, and nothing void is stored")
    func anyOrder() throws {
        for seed: UInt64 in 0..<20_000 {
            var (generator, run, next) = (SplitMix64(seed: seed), Run(), UInt64(1))
            while !run.machine.isOver {
                let lead = try #require(run.leads.randomElement(using: &generator))
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<4:
                    let joins = run.machine.join(next)
                    if joins {
                        #expect(!run.isVoid)
                        run.waiting.insert(next)
                    }
                    next += 1
                case 4:
                    guard let ticket = run.waiting.randomElement(using: &generator) else { continue }
                    let waited = run.machine.leave(ticket)
                    #expect(waited)
                    run.waiting.remove(ticket)
                case 5:
                    if case .by(let ticket, let new) = run.machine.cancelled(lead) {
                        #expect(lead == run.leads.last)
                        run.tell([ticket])
                        run.leads.append(new)
                    }
                case 6:
                    run.machine.void()
                    run.isVoid = true
                case 7 where Bool.random(using: &generator):
                    let tickets = run.machine.giveUp()
                    run.isVoid = run.isVoid || !run.machine.isStoring
                    run.tell(tickets)
                case 8:
                    let stores = run.machine.beginToStore(lead)
                    if stores {
                        #expect(!run.isVoid && lead == run.leads.last)
                        run.stored += 1
                    }
                default:
                    guard let tickets = run.machine.end(lead) else {
                        #expect(lead != run.leads.last)
                        continue
                    }
                    run.tell(tickets)
                }
            }
            #expect(run.waiting.isEmpty && run.machine.count == 0)
            #expect(run.told.values.allSatisfy { $0 == 1 })
            #expect(run.stored <= 1)
        }
    }
}

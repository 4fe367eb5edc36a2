import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct HealthStateMachineTests {
    /// A state with the fact that decides the next one: whether another failure or success is the last that
    /// it takes.
    enum Situation: CaseIterable {
        case unused, healthy, pinging, suspect, lastChance, ejected, probing, almostBack, rejoining, closed
    }

    /// The events; news concerns the step that is under way, or the one before it.
    enum Event: CaseIterable {
        case connected, answered, late, connectionLost, refused
        case pingAnswered, pingFailed, due, readmitted, readmissionFailed, reportedBack, pingPostponed
        case oldPingAnswered, oldPingFailed, oldDue, oldReadmitted, oldReadmissionFailed, oldPingPostponed
    }

    struct Outcome: Equatable {
        var health: NodeHealth
        var task = HealthStateMachine.Task.nothing
        var cancels = false
    }

    /// The effect of each event in each state, in the order of `Event.allCases`; old news never has an
    /// effect.
    static let table: [Situation: [Outcome]] = {
        let stay = { (health: NodeHealth) in Outcome(health: health) }
        let watch = Outcome(health: .healthy, task: .wait(.interval))
        let doubt = Outcome(health: .suspect, task: .ping)
        let out = Outcome(health: .ejected, task: .wait(.backoff(failures: 1)))
        let outAgain = Outcome(health: .ejected, task: .wait(.backoff(failures: 2)))
        let outOfRejoin = Outcome(health: .ejected, task: .wait(.backoff(failures: 2)), cancels: true)
        let (h, s, e, p, r) = (
            stay(.healthy), stay(.suspect), stay(.ejected), stay(.probing), stay(.rejoining)
        )
        let askAgain = Outcome(health: .healthy, task: .ping)
        let probeAgain = Outcome(health: .probing, task: .ping)
        let askSuspect = Outcome(health: .suspect, task: .ping)
        let laterSuspect = Outcome(health: .suspect, task: .wait(.backoff(failures: 1)))
        let laterProbe = Outcome(health: .probing, task: .wait(.backoff(failures: 1)))
        let pause = Outcome(health: .probing, task: .wait(.spacing))
        let rejoin = Outcome(health: .rejoining, task: .readmit)
        let back = Outcome(health: .healthy, task: .wait(.interval), cancels: true)
        // connected, answered, late, connectionLost, refused | pingAnswered, pingFailed, due, readmitted,
        // failed, back, postponed
        return [
            .unused: [watch, h, doubt, doubt, out, watch, doubt, askAgain, h, h, h, watch],
            .healthy: [h, h, doubt, doubt, out, watch, doubt, askAgain, h, h, h, watch],
            .pinging: [h, h, doubt, doubt, out, watch, doubt, askAgain, h, h, h, watch],
            .suspect: [s, watch, s, doubt, out, watch, doubt, askSuspect, s, s, s, laterSuspect],
            .lastChance: [s, watch, s, out, out, watch, out, askSuspect, s, s, s, laterSuspect],
            .ejected: [e, e, e, e, e, e, e, probeAgain, e, e, probeAgain, e],
            .probing: [p, p, p, outAgain, outAgain, pause, outAgain, probeAgain, p, p, p, laterProbe],
            .almostBack: [p, p, p, outAgain, outAgain, rejoin, outAgain, probeAgain, p, p, p, laterProbe],
            .rejoining: [r, r, r, outOfRejoin, outOfRejoin, r, r, outOfRejoin, back, outOfRejoin, r, r],
            .closed: Array(repeating: h, count: 12),
        ]
    }()

    @Test(
        "Each event does in each state what the table says, and news of an older step nothing",
        arguments: Situation.allCases, Event.allCases)
    func transition(situation: Situation, event: Event) throws {
        let row = try #require(Self.table[situation])
        try #require(row.count == 12)
        let (before, step) = Self.machine(in: situation)
        var machine = before
        let action = machine.handle(Self.event(event, step), now: Self.start + .seconds(1))
        let index = try #require(Event.allCases.firstIndex(of: event))
        let expected = index < row.count ? row[index] : Outcome(health: before.health)
        #expect(
            Outcome(health: machine.health, task: action.task, cancels: action.cancelsReadmission)
                == expected)
        #expect(action.changedFrom == (before.health == machine.health ? nil : before.health))
        if action.task != .nothing { #expect(action.step > step) }
        if machine.health == .ejected { #expect(machine.reason != nil) }
    }

    @Test(
        "A node that is said to be back is asked, and no more often than at first, however often it is said")
    func reportedBack() {
        var machine = Self.machine(in: .ejected).machine
        let early = Self.start + .milliseconds(99)
        for _ in 0..<100 { #expect(machine.handle(.reportedBack, now: early).task == .nothing) }
        let action = machine.handle(.reportedBack, now: Self.start + .milliseconds(100))
        #expect(action.task == .ping)
        #expect(machine.health == .probing)
    }

    @Test("A hundred calls that are late for one cause are one failure")
    func oneCause() {
        var machine = Self.machine(in: .healthy).machine
        for _ in 0..<100 { _ = machine.handle(.late(Self.error), now: Self.start) }
        #expect(machine.state == .suspect(failures: 1))
    }

    @Test(
        "Three failures in a row put a node out, and an answer between them keeps it in",
        arguments: [1, 2, 3, 5])
    func hysteresisDown(failures: Int) {
        var configuration = HealthConfiguration()
        configuration.failuresToEject = failures
        var machine = HealthStateMachine(configuration, readmits: false)
        var action = machine.handle(.late(Self.error), now: Self.start)
        for _ in 1..<max(2, failures) where machine.health == .suspect {
            #expect(action.task == .ping)
            action = machine.handle(.pingFailed(step: action.step, Self.error), now: Self.start)
        }
        #expect(machine.health == .ejected)

        var other = HealthStateMachine(configuration, readmits: false)
        for _ in 0..<10 where failures > 1 {
            let action = other.handle(.late(Self.error), now: Self.start)
            _ = other.handle(.pingAnswered(step: action.step), now: Self.start)
            #expect(other.health == .healthy)
        }
    }

    @Test("As many signs of life in a row as configured bring it back", arguments: [1, 2, 3, 5])
    func hysteresisUp(successes: Int) {
        var configuration = HealthConfiguration()
        configuration.successesToReturn = successes
        var machine = HealthStateMachine(configuration, readmits: false)
        var action = machine.handle(.refused(Self.error), now: Self.start)
        var answers = 0
        while machine.health != .healthy, answers < 100 {
            action = machine.handle(.due(step: action.step), now: Self.start)
            #expect(action.task == .ping)
            action = machine.handle(.pingAnswered(step: action.step), now: Self.start)
            answers += 1
        }
        #expect(answers == successes)
    }

    @Test("A node that fails soon after it came back is left alone for longer, and one that was well is not")
    func backoff() {
        var machine = HealthStateMachine(HealthConfiguration(), readmits: false)
        var now = Self.start
        var waits: [HealthStateMachine.Task] = []
        for pause in [Duration.seconds(1), .seconds(9), .seconds(10), .seconds(1)] {
            waits.append(Self.outage(&machine, now: now).task)
            now = now + pause
        }
        waits.append(machine.handle(.refused(Self.error), now: now).task)
        #expect(
            waits == [1, 2, 3, 1, 2].map { .wait(.backoff(failures: $0)) })
    }

    @Test("A ping that can't be made is made later, ever more seldom, and puts no node out")
    func postponed() {
        var machine = Self.machine(in: .suspect).machine
        var action = machine.handle(.due(step: 0), now: Self.start)
        action = Self.ask(&machine)
        var waits: [HealthStateMachine.Task] = []
        for _ in 0..<4 {
            action = machine.handle(.pingPostponed(step: action.step), now: Self.start)
            waits.append(action.task)
            action = machine.handle(.due(step: action.step), now: Self.start)
        }
        #expect(waits == (1...4).map { .wait(.backoff(failures: $0)) })
        #expect(machine.state == .suspect(failures: 2))
        _ = machine.handle(.pingAnswered(step: action.step), now: Self.start)
        #expect(machine.health == .healthy)
    }

    /// A suspect node's next sign of life.
    private static func ask(_ machine: inout HealthStateMachine) -> HealthStateMachine.Action {
        machine.handle(.connectionLost(error), now: start)
    }

    @Test("There is nothing to do before a node is used again unless somebody says so")
    func noReadmission() {
        var machine = HealthStateMachine(HealthConfiguration(), readmits: false)
        _ = Self.outage(&machine, now: Self.start)
        #expect(machine.health == .healthy)
    }

    @Test("Settings that make no sense are taken for the least that does")
    func least() {
        var configuration = HealthConfiguration()
        configuration.failuresToEject = -1
        configuration.successesToReturn = 0
        var machine = HealthStateMachine(configuration, readmits: false)
        var action = machine.handle(.late(Self.error), now: Self.start)
        #expect(machine.health == .ejected)
        action = machine.handle(.due(step: action.step), now: Self.start)
        _ = machine.handle(.pingAnswered(step: action.step), now: Self.start)
        #expect(machine.health == .healthy)
    }

    // MARK: Making and telling machines

    private static let start = ContinuousClock.now
    private static let error = CachesError(.unreachable, "it failed")

    /// An outage from beginning to end. Returns the first action.
    private static func outage(
        _ machine: inout HealthStateMachine, now: ContinuousClock.Instant
    ) -> HealthStateMachine.Action {
        let first = machine.handle(.refused(error), now: now)
        var action = first
        while machine.health.isOut {
            action = machine.handle(.due(step: action.step), now: now)
            action = machine.handle(.pingAnswered(step: action.step), now: now)
        }
        return first
    }

    /// A machine in a state, and the step that is under way.
    private static func machine(in situation: Situation) -> (machine: HealthStateMachine, step: Int) {
        var machine = HealthStateMachine(HealthConfiguration(), readmits: true)
        var action = HealthStateMachine.Action()
        func tell(_ event: (Int) -> HealthStateMachine.Event) {
            action = machine.handle(event(action.step), now: start)
        }
        if situation == .unused { return (machine, 0) }
        tell { _ in .connected }
        switch situation {
        case .unused, .healthy: break
        case .pinging: tell { .due(step: $0) }
        case .suspect: tell { _ in .late(error) }
        case .lastChance:
            tell { _ in .late(error) }
            tell { .pingFailed(step: $0, error) }
        case .ejected, .probing, .almostBack, .rejoining:
            tell { _ in .refused(error) }
            let answers: [Situation: Int] = [.ejected: -1, .probing: 0, .almostBack: 2, .rejoining: 3]
            for number in 0..<4 where number <= answers[situation]! {
                tell { .due(step: $0) }
                if number < answers[situation]! { tell { .pingAnswered(step: $0) } }
                if machine.health == .rejoining { break }
            }
        case .closed: action = machine.close()
        }
        return (machine, action.step)
    }

    @Test("By default a node that hangs is out within its calls' deadline and 1 s, a dead one at once")
    func soonEnough() {
        let configuration = HealthConfiguration()
        let start = ContinuousClock.now
        var machine = HealthStateMachine(configuration, readmits: true)
        _ = machine.handle(.connected, now: start)
        // Each sign of life that does not come costs its time, and nothing else does.
        var now = start
        var action = machine.handle(.late(Self.error), now: now)
        while action.task == .ping {
            now += configuration.pingTimeout
            action = machine.handle(.pingFailed(step: action.step, Self.error), now: now)
        }
        #expect(machine.health == .ejected)
        #expect(now - start < .seconds(1))

        var dead = HealthStateMachine(configuration, readmits: true)
        _ = dead.handle(.connected, now: start)
        _ = dead.handle(.connectionLost(Self.error), now: start)
        _ = dead.handle(.refused(Self.error), now: start)
        #expect(dead.health == .ejected)
    }

    private static func event(_ event: Event, _ step: Int) -> HealthStateMachine.Event {
        switch event {
        case .connected: .connected
        case .answered: .answered
        case .late: .late(error)
        case .connectionLost: .connectionLost(error)
        case .refused: .refused(error)
        case .pingAnswered: .pingAnswered(step: step)
        case .pingFailed: .pingFailed(step: step, error)
        case .due: .due(step: step)
        case .reportedBack: .reportedBack
        case .readmitted: .readmitted(step: step)
        case .readmissionFailed: .readmissionFailed(step: step, error)
        case .pingPostponed: .pingPostponed(step: step)
        case .oldPingPostponed: .pingPostponed(step: step - 1)
        case .oldPingAnswered: .pingAnswered(step: step - 1)
        case .oldPingFailed: .pingFailed(step: step - 1, error)
        case .oldDue: .due(step: step - 1)
        case .oldReadmitted: .readmitted(step: step - 1)
        case .oldReadmissionFailed: .readmissionFailed(step: step - 1, error)
        }
    }
}

import Testing

@testable import CachesCluster

@Suite struct PoolStateMachineTests {
    private typealias Machine = PoolStateMachine<String>

    private let handOver = HandOver(notice: .seconds(1), window: .seconds(60))

    /// A machine that goes from `a` to `b`, at a stage.
    private func machine(at stage: HandOver.Stage) -> Machine {
        var machine = Machine("a")
        _ = machine.reconfigure(to: "b", handOver: handOver)
        while machine.change?.stage != stage { _ = machine.stageEnded(of: 1) }
        return machine
    }

    @Test(
        "A hand-over takes its three stages, each as long as it was given, then the new topology is the only one"
    )
    func stages() {
        var machine = Machine("a")
        var texts = [text(machine.reconfigure(to: "b", handOver: handOver))]
        for _ in 0..<4 { texts.append(text(machine.stageEnded(of: 1))) }
        #expect(
            texts == [
                "a to b: announced for 1.0 seconds", "a to b: handing over for 60.0 seconds",
                "a to b: closing for 1.0 seconds", "settle b", "nothing",
            ])
        #expect(machine.current == "b")
        #expect(machine.change == nil)
    }

    @Test("Without a hand-over a change is done at once", arguments: HandOver.Stage.allCases)
    func cold(stage: HandOver.Stage) {
        var machine = machine(at: stage)
        #expect(text(machine.reconfigure(to: "c", handOver: nil)) == "settle c")
        #expect(machine.all == ["c"])
        #expect(text(machine.stageEnded(of: 1)) == "nothing")
    }

    @Test("A change waits for the end of the one under way, and of several that wait the last is made")
    func waiting() {
        for stage in HandOver.Stage.allCases {
            var machine = machine(at: stage)
            #expect(text(machine.reconfigure(to: "c", handOver: handOver)) == "wait")
            #expect(text(machine.reconfigure(to: "d", handOver: handOver)) == "wait")
            #expect(machine.all == ["a", "b", "d"])
            while machine.change?.stage != .closing { _ = machine.stageEnded(of: 1) }
            #expect(text(machine.stageEnded(of: 1)) == "b to d: announced for 1.0 seconds")
            #expect(machine.change?.number == 2)
            #expect(machine.all == ["b", "d"])
        }
    }

    @Test("The timer of a change that has been ended changes nothing")
    func oldTimer() {
        var machine = machine(at: .announced)
        _ = machine.reconfigure(to: "c", handOver: nil)
        _ = machine.reconfigure(to: "d", handOver: handOver)
        #expect(text(machine.stageEnded(of: 1)) == "nothing")
        #expect(machine.change?.stage == .announced)
        #expect(machine.current == "c")
    }

    @Test("A closed pool takes no change, and still knows the topology that it used")
    func closed() {
        for stage in HandOver.Stage.allCases {
            var machine = machine(at: stage)
            machine.close()
            machine.close()
            #expect(text(machine.reconfigure(to: "c", handOver: handOver)) == "refuse")
            #expect(text(machine.reconfigure(to: "c", handOver: nil)) == "refuse")
            #expect(text(machine.stageEnded(of: 1)) == "nothing")
            #expect(Set(machine.all) == ["a", "b"])
        }
    }

    private func text(_ action: Machine.Action) -> String {
        switch action {
        case .nothing: "nothing"
        case .enter(let change):
            "\(change.from) to \(change.to): \(change.stage.rawValue) for \(change.length)"
        case .settle(let topology): "settle \(topology)"
        case .wait: "wait"
        case .refuse: "refuse"
        }
    }
}

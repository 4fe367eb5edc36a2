/// The topology of a pool, and its way from one to another: stage by stage, one hand-over at a time.
///
/// A value without I/O and without a clock. `CachePool` keeps it under its lock, reports events to it, and
/// performs its actions.
///
///     steady ──reconfigure──► changing: announced ──► handing over ──► closing ──► steady
///       ▲  │                       │                                               or the next change
///       └──┴─ without hand-over ───┘
///
/// A reconfiguration during a hand-over waits for its end; of several, the last is taken. One without a
/// hand-over happens at once, and ends the hand-over under way. Changes are numbered, so that the timer of an
/// ended one changes nothing.
struct PoolStateMachine<Topology: Sendable>: Sendable {
    /// A hand-over under way.
    struct Change: Sendable {
        let number: Int
        let from: Topology
        let to: Topology
        let handOver: HandOver
        fileprivate(set) var stage = HandOver.Stage.announced

        /// How long the present stage takes.
        var length: Duration { handOver.length(of: stage) }
    }

    /// A change that waits for its turn.
    private struct Next: Sendable {
        let topology: Topology
        let handOver: HandOver
    }

    private enum State: Sendable {
        case steady(Topology)
        case changing(Change, next: Next?)
        case closed(Topology, leaving: Topology?)
    }

    /// What to do after something happened.
    enum Action: Sendable {
        case nothing
        /// A stage has begun: report its end.
        case enter(Change)
        /// The topology is the only one now.
        case settle(Topology)
        /// A hand-over waits for the one under way.
        case wait
        /// The pool was closed.
        case refuse
    }

    private var state: State
    private var lastNumber = 0

    init(_ topology: Topology) { state = .steady(topology) }

    /// The topology before any hand-over under way; else the only one.
    var current: Topology {
        switch state {
        case .steady(let topology), .closed(let topology, _): topology
        case .changing(let change, _): change.from
        }
    }

    /// The hand-over under way.
    var change: Change? {
        if case .changing(let change, _) = state { change } else { nil }
    }

    /// Every topology that takes part.
    var all: [Topology] {
        switch state {
        case .steady(let topology): [topology]
        case .changing(let change, let next): [change.from, change.to] + (next.map { [$0.topology] } ?? [])
        case .closed(let topology, let leaving): [topology] + (leaving.map { [$0] } ?? [])
        }
    }

    /// Another topology is wanted; at once if there is no hand-over.
    mutating func reconfigure(to topology: Topology, handOver: HandOver?) -> Action {
        switch (state, handOver) {
        case (.closed, _): return .refuse
        case (_, nil):
            state = .steady(topology)
            return .settle(topology)
        case (.steady(let current), let handOver?):
            return begin(from: current, Next(topology: topology, handOver: handOver))
        case (.changing(let change, _), let handOver?):
            state = .changing(change, next: Next(topology: topology, handOver: handOver))
            return .wait
        }
    }

    /// The time of the present stage of that change has passed.
    mutating func stageEnded(of number: Int) -> Action {
        guard case .changing(var change, let next) = state, change.number == number else { return .nothing }
        switch change.stage {
        case .announced: change.stage = .handingOver
        case .handingOver: change.stage = .closing
        case .closing:
            guard let next else {
                state = .steady(change.to)
                return .settle(change.to)
            }
            return begin(from: change.to, next)
        }
        state = .changing(change, next: next)
        return .enter(change)
    }

    /// The pool closes.
    mutating func close() {
        switch state {
        case .steady(let topology): state = .closed(topology, leaving: nil)
        case .changing(let change, _): state = .closed(change.to, leaving: change.from)
        case .closed: break
        }
    }

    private mutating func begin(from current: Topology, _ next: Next) -> Action {
        lastNumber += 1
        let change = Change(number: lastNumber, from: current, to: next.topology, handOver: next.handOver)
        state = .changing(change, next: nil)
        return .enter(change)
    }
}

@testable import CachesCluster

/// Tries all orders of events of a ``ReturnModel``, the short ones first, until a violation occurs.
struct ModelSearch {
    struct Outcome {
        var violation: ModelViolation?
        /// The events that led to the violation, in as few steps as possible.
        var trace: [String] = []
        var states = 0
        var orders = 0
        /// Whether all orders were tried.
        var isComplete = false
        var minds = 0
        /// The most steps that a client needed alone.
        var stepsAlone = 0
    }

    let model: ReturnModel
    /// Whether R3 is also checked.
    let checksProgress: Bool

    private var seen: [ModelState: Int32] = [:]
    private var states: [ModelState] = []
    /// For each state: the state before, and the event.
    private var parents: [Int32] = []
    private var events: [UInt16] = []
    private var alone: Set<ModelState> = []
    private var outcome = Outcome()

    init(_ scope: ModelScope, rules: ReturnRules = ReturnRules(), checksProgress: Bool = true) {
        model = ReturnModel(scope, rules: rules)
        self.checksProgress = checksProgress
    }

    mutating func run() -> Outcome {
        var position = 0
        do {
            visit(try opened(), from: -1, 0)
            while position < states.count {
                let state = states[position]
                try model.checkReads(state)
                if checksProgress { try checkProgress(state) }
                try model.find(from: state)
                outcome.orders += model.steps.count
                for step in model.steps {
                    let event = UInt16(step.event.rawValue | step.client << 6 | step.other << 7)
                    visit(step.state, from: Int32(position), event)
                }
                position += 1
            }
            outcome.isComplete = position == states.count
        } catch {
            outcome.violation = error as? ModelViolation
            outcome.trace += trace(to: position)
        }
        outcome.states = states.count
        outcome.minds = model.minds.count
        return outcome
    }

    /// The state that the search begins with.
    private mutating func opened() throws -> ModelState {
        var state = ModelState.start
        for (event, client) in model.scope.opening {
            try model.find(from: state)
            guard let step = model.steps.first(where: { $0.event == event && $0.client == client })
            else { preconditionFailure("\(event) can't happen to client \(client)") }
            outcome.trace.append(event.text(client: client, other: step.other))
            state = step.state
        }
        return state
    }

    /// Clients are alike: of two states that differ only in the clients' order, one is looked at.
    private mutating func visit(_ found: ModelState, from parent: Int32, _ event: UInt16) {
        var state = found
        var event = event
        if state.first.bits > state.second.bits {
            (state.first, state.second) = (state.second, state.first)
            event |= 1 << 8
        }
        guard seen.updateValue(0, forKey: state) == nil else { return }
        states.append(state)
        parents.append(parent)
        events.append(event)
    }

    private mutating func checkProgress(_ state: ModelState) throws {
        for number in 0..<2 {
            let client = state[number]
            guard client[.isAlive] == 1, client[.reaches] == 1, client[.phase] != ModelPhase.used else {
                continue
            }
            var lone = state
            lone[1 - number] = ModelBits()
            for field in [ModelField.versions, .faults] { lone.servers[field] = 7 }
            for field in [ModelField.floor, .pending] + ModelField.looked { lone[number][field] = 0 }
            guard alone.insert(lone).inserted else { continue }
            guard let count = try model.stepsAlone(lone, number) else { throw ModelViolation.noProgress }
            outcome.stepsAlone = max(outcome.stepsAlone, count)
        }
    }

    private func trace(to position: Int) -> [String] {
        var path: [Int] = []
        var position = position
        while position > 0 {
            path.append(position)
            position = Int(parents[position])
        }
        var isSwapped = events[0] >> 8 == 1
        return path.reversed().map { position in
            let (code, state) = (Int(events[position]), states[position])
            let text = ModelEvent(rawValue: code & 63)?
                .text(client: (code >> 6 & 1) ^ (isSwapped ? 1 : 0), other: code >> 7 & 1)
            if code >> 8 == 1 { isSwapped.toggle() }
            let journals = ModelField.journals.map { "\(state.servers[$0])" }.joined(separator: ",")
            let floors = [state[isSwapped ? 1 : 0], state[isSwapped ? 0 : 1]].map { "\($0[.floor])" }
            let servers = "X has \(state.servers[.value]), notes \(journals), marks \(state.servers[.marks])"
            return "\(text ?? "")   [\(servers), nothing before \(floors.joined(separator: ",")) may be read]"
        }
    }
}

@testable import CachesCluster

/// Two clients, the owner X of a key k, and one or two other servers: the next events in each state.
///
/// The clients decide by the product's own values: ``ModelMind``. A server's script is one step, and so is
/// the work of a client between two of them. Everything else happens in every order.
final class ReturnModel {
    struct Step {
        let event: ModelEvent
        let client: Int
        let other: Int
        var state: ModelState
    }

    let scope: ModelScope
    let rules: ReturnRules
    let minds: ModelMinds
    let others: Range<Int>

    /// The next events that have been found so far.
    private(set) var steps: [Step] = []

    init(_ scope: ModelScope, rules: ReturnRules) {
        self.scope = scope
        self.rules = rules
        minds = ModelMinds(scope, rules: rules)
        others = 0..<scope.servers - 1
    }

    /// Finds all next events.
    func find(from state: ModelState) throws {
        steps.removeAll(keepingCapacity: true)
        for client in 0..<2 where state[client][.isAlive] == 1 {
            try findReturn(state, client)
            findWrites(state, client)
            findWays(state, client)
            findFaults(state, client)
        }
        findFaults(state)
    }

    func add(_ event: ModelEvent, _ client: Int, _ state: ModelState) { add(event, client, 0, state) }

    func add(_ event: ModelEvent, _ client: Int, _ other: Int, _ state: ModelState) {
        steps.append(Step(event: event, client: client, other: other, state: state))
    }

    // MARK: Questions about a state

    func answers(_ client: ModelBits) -> ModelAnswers { minds.answers[client[.mind]] }

    func think(_ event: ModelMind.Event, at other: Int = 0, _ client: inout ModelBits) {
        client[.mind] = minds.after(event, at: other, client[.mind])
    }

    /// Whether a client believes the owner's value of k.
    func believes(_ client: ModelBits) -> Bool {
        client[.phase] == ModelPhase.used && client[.reaches] == 1
            && (client[.isSure] == 1 || !answers(client).isDoubtful)
    }

    /// R2.
    func checkReads(_ state: ModelState) throws {
        let value = state.servers[.value]
        guard value > 0 else { return }
        for client in 0..<2 {
            let client = state[client]
            if client[.isAlive] == 1, value < client[.floor], believes(client) {
                throw ModelViolation.staleRead
            }
        }
    }

    /// Nothing can show any longer that a newer value was written: no note is left, and no client remembers.
    func excuse(_ state: inout ModelState, _ client: Int) {
        let value = state.servers[.value]
        guard value > 0, value < state[client][.floor], !hasNotes(state) else { return }
        for other in 0..<2 where state[other][.isAlive] == 1 && answers(state[other]).hasOwn { return }
        state[client][.floor] = 0
    }

    func hasNotes(_ state: ModelState) -> Bool {
        others.contains { state.servers[ModelField.journals[$0]] != 0 }
    }

    // MARK: R3

    /// How many steps a client needs alone to use the owner; nil if it never does.
    func stepsAlone(_ state: ModelState, _ client: Int) throws -> Int? {
        var state = state
        for count in 0..<20 {
            if state[client][.phase] == ModelPhase.used { return count }
            steps.removeAll(keepingCapacity: true)
            try findReturn(state, client)
            guard let next = steps.first else { return nil }
            state = next.state
        }
        return nil
    }
}

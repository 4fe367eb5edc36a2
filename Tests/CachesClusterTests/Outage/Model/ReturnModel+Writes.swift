@testable import CachesCluster

// Writes of k, at the owner and in its place.
extension ReturnModel {
    func findWrites(_ state: ModelState, _ number: Int) {
        let client = state[number]
        if client[.write] != 0 {
            for other in others where client[.writeLeft] >> other & 1 == 1 { carryOut(state, number, other) }
        }
        guard state.servers[.versions] <= scope.writes else { return }
        if client[.phase] == ModelPhase.used {
            if client[.reaches] == 1 { write(state, number) }
        } else if client[.write] == 0,
            client[.phase] == ModelPhase.out || scope.mistakes.contains(.writesWhileReturning)
        {
            beginWrite(state, number)
        }
    }

    private func write(_ state: ModelState, _ number: Int) {
        var next = state
        next.servers[.versions] += 1
        next.servers[.value] = next.servers[.versions]
        // `doubt` records it for all clients that have asked for the owner's time before.
        if answers(state[number]).isDoubtful {
            for other in 0..<2 where answers(state[other]).isInDoubt || isTimed(state[other]) {
                next[other][.isSure] = 1
            }
        }
        add(.write, number, next)
    }

    private func isTimed(_ client: ModelBits) -> Bool {
        rules.sureSince == .begin && client[.phase] > ModelPhase.out
    }

    private func beginWrite(_ state: ModelState, _ number: Int) {
        let client = state[number]
        let out = 1 + others.count { client[ModelField.links[$0]] != 1 }
        guard !PanicRule.holds(out: out, of: scope.servers),
            let holders = DoubtRule.holders(
                in: Array(others), most: rules.noteHolders, isInUse: { client[ModelField.links[$0]] == 1 })
        else { return }
        var next = state
        next.servers[.versions] += 1
        think(.willWrite, &next[number])
        next[number][.write] = next.servers[.versions]
        next[number][.writeLeft] = holders.reduce(0) { $0 | 1 << $1 }
        next[number][.writeMarks] =
            next[number][.writeLeft] & answers(client).knownMarks & state.servers[.marks]
        add(.beginWrite, number, next)
    }

    /// `carryOut`: notes a write, unless the server has a mark that the write does not bring.
    func carryOut(_ state: ModelState, _ number: Int, _ other: Int) {
        var next = state
        let bit = 1 << other
        let client = state[number]
        if state.servers[.marks] & bit != 0 {
            guard client[.writeMarks] & bit != 0 else {
                endWrite(&next[number])
                return add(.abort, number, other, next)
            }
            takeMark(&next, other)
        }
        next.servers[ModelField.journals[other]] = rules.noteNumbers == .counted ? 1 : client[.write]
        next[number][.writeLeft] &= ~bit
        if next[number][.writeLeft] == 0 {
            acknowledge(client[.write], &next, number)
            endWrite(&next[number])
        }
        add(.note, number, other, next)
    }

    private func acknowledge(_ version: Int, _ state: inout ModelState, _ number: Int) {
        for client in 0..<2 where state[client][.isAlive] == 1 && state[client][.phase] != ModelPhase.used {
            state[client][.pending] = max(state[client][.pending], version)
        }
        // No client may miss its own writes, whenever they were acknowledged.
        var fields = ModelField.looked
        if state[number][.phase] == ModelPhase.used { fields = [.floor] }
        for field in fields { state[number][field] = max(state[number][field], version) }
    }

    func endWrite(_ client: inout ModelBits) {
        client[.write] = 0
        client[.writeLeft] = 0
        client[.writeMarks] = 0
    }

    /// A server's mark is gone, and no client knows it any longer.
    func takeMark(_ state: inout ModelState, _ other: Int) {
        let bit = 1 << other
        guard state.servers[.marks] & bit != 0 else { return }
        state.servers[.marks] &= ~bit
        for client in 0..<2 where state[client][.isAlive] == 1 {
            state[client][.writeMarks] &= ~bit
            let answers = answers(state[client])
            if (answers.knownMarks | answers.newMarks | answers.foundMarks) & bit != 0 {
                think(.markGone, at: other, &state[client])
            }
        }
    }
}

@testable import CachesCluster

// A client's return, as `Rejoin`, `Inquiries` and `DoubtWatch` carry it out.
extension ReturnModel {
    func findReturn(_ state: ModelState, _ number: Int) throws {
        let client = state[number]
        guard client[.reaches] == 1 else { return }
        switch client[.phase] {
        case ModelPhase.out: begin(state, number)
        case ModelPhase.used: findRound(state, number)
        case ModelPhase.looking:
            guard !answers(client).isDone else { return try judge(state, number) }
            findInquiries(state, number)
            if scope.kinds.contains(.lateLooks), state.servers[.faults] < scope.faults {
                var next = state
                next.servers[.faults] += 1
                think(.giveUp, &next[number])
                stopSeeing(&next[number])
                add(.timeOver, number, next)
            }
        case ModelPhase.forgetting:
            var next = state
            if answers(client).hasOwn { next.servers[.value] = 0 }
            next[number][.phase] = ModelPhase.timing
            add(.forgetOwn, number, next)
        case ModelPhase.timing:
            var next = state
            if rules.sureSince == .pass { next[number][.isSure] = 0 }
            think(.useWithDoubt, &next[number])
            next[number][.phase] = ModelPhase.ready
            add(.time, number, next)
        default: use(state, number)
        }
    }

    private func begin(_ state: ModelState, _ number: Int) {
        var next = state
        guard rules.removesOld else {
            for other in others { next[number][ModelField.looked[other]] = state[number][.pending] }
            return use(next, number)
        }
        think(.beginLooks, &next[number])
        next[number][.phase] = ModelPhase.looking
        next[number][.isSure] = 0
        for other in others { next[number][ModelField.looked[other]] = state[number][.pending] }
        add(.begin, number, next)
    }

    private func judge(_ state: ModelState, _ number: Int) throws {
        if rules.removesUnknown, answers(state[number]).isUnsure { throw ModelViolation.innocentLoss }
        var next = state
        think(.judge, &next[number])
        let isReady = answers(next[number]).isReady
        next[number][.phase] = isReady ? ModelPhase.forgetting : ModelPhase.ready
        add(.judge, number, next)
    }

    private func use(_ state: ModelState, _ number: Int) {
        var next = state
        think(.use, &next[number])
        var client = next[number]
        client[.phase] = ModelPhase.used
        let floor = others.map { client[ModelField.looked[$0]] }.min() ?? 0
        client[.floor] = max(client[.floor], floor)
        for other in others { client[ModelField.looked[other]] = 0 }
        client[.pending] = 0
        let answers = answers(client)
        if !answers.isInDoubt { client[.isSure] = 0 }
        next[number] = client
        if !answers.isDoubtful { excuse(&next, number) }
        add(.use, number, next)
    }

    // MARK: The looks

    private func findRound(_ state: ModelState, _ number: Int) {
        let client = state[number]
        let answers = answers(client)
        var next = state
        if answers.hasLooks {
            guard answers.isDone else { return findInquiries(state, number) }
            think(.endRound, &next[number])
            endDoubtIfOver(&next, number)
            add(.endRound, number, next)
        } else if answers.missing != 0,
            others.contains(where: { answers.missing >> $0 & 1 == 1 && reaches(client, $0) })
        {
            think(.beginRound, &next[number])
            add(.beginRound, number, next)
        }
    }

    private func findInquiries(_ state: ModelState, _ number: Int) {
        let answers = answers(state[number])
        for other in others {
            if answers.looks >> other & 1 == 1, state[number][.writeLeft] >> other & 1 == 1 {
                // It went over the same connection before.
                carryOut(state, number, other)
            } else if answers.looks >> other & 1 == 1 {
                if rules.waitsForSilent, !reaches(state[number], other) { continue }
                var next = state
                look(&next, number, other)
                add(.look, number, other, next)
            } else if answers.sees >> other & 1 == 1 {
                see(state, number, other)
            } else {
                continue
            }
            if scope.isOrdered { return }
        }
    }

    private func look(_ state: inout ModelState, _ number: Int, _ other: Int) {
        guard reaches(state[number], other) else { return think(.foundSilence, at: other, &state[number]) }
        hear(&state[number], other)
        if state[number][.phase] != ModelPhase.used {
            state[number][ModelField.looked[other]] = state[number][.pending]
        }
        let event: ModelMind.Event = close(&state, number, other) ? .foundNothing : .foundNotes
        think(event, at: other, &state[number])
    }

    /// `close`: marks a server, unless it has notes.
    private func close(_ state: inout ModelState, _ number: Int, _ other: Int) -> Bool {
        guard state.servers[ModelField.journals[other]] == 0 else { return false }
        state.servers[.marks] |= 1 << other
        return true
    }

    private func see(_ state: ModelState, _ number: Int, _ other: Int) {
        var next = state
        let (stage, token) = (ModelField.stages[other], ModelField.tokens[other])
        let journal = state.servers[ModelField.journals[other]]
        switch state[number][stage] {
        case 1:
            next.servers[.value] = 0
            next[number][stage] = 2
            return add(.remove, number, other, next)
        case _ where !reaches(state[number], other): think(.fellSilent, at: other, &next[number])
        case 0 where journal == 0: think(.sawTo, at: other, &next[number])
        case 0:
            next[number][stage] = 1
            next[number][token] = journal
            return add(.read, number, other, next)
        default:
            if journal == state[number][token] { next.servers[ModelField.journals[other]] = 0 }
            think(.sawTo, at: other, &next[number])
        }
        next[number][stage] = 0
        next[number][token] = 0
        add(.forget, number, other, next)
    }

    func stopSeeing(_ client: inout ModelBits) {
        for other in others {
            client[ModelField.stages[other]] = 0
            client[ModelField.tokens[other]] = 0
        }
    }

    /// Also while the server is still out.
    func reaches(_ client: ModelBits, _ other: Int) -> Bool { client[ModelField.links[other]] != 0 }

    /// A client hears the server's memory.
    func hear(_ client: inout ModelBits, _ other: Int) {
        guard client[.unheard] >> other & 1 == 1 else { return }
        client[.unheard] &= ~(1 << other)
        think(.memoryChanged, at: other, &client)
    }

    func endDoubtIfOver(_ state: inout ModelState, _ number: Int) {
        let answers = answers(state[number])
        if !answers.isInDoubt { state[number][.isSure] = 0 }
        if !answers.isDoubtful { excuse(&state, number) }
    }
}

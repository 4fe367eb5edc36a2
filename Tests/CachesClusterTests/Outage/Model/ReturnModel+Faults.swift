// Ways that close and open, and servers and clients that fail.
extension ReturnModel {
    private func fault(_ state: ModelState) -> ModelState {
        var next = state
        next.servers[.faults] += 1
        return next
    }

    private func can(_ kind: ModelScope.Faults, _ state: ModelState) -> Bool {
        scope.kinds.contains(kind) && state.servers[.faults] < scope.faults
    }

    /// A client's way to the owner is closed, and the owner is out for it.
    private func cutOwner(_ client: inout ModelBits) {
        client[.reaches] = 0
        guard client[.phase] != ModelPhase.out else { return }
        if client[.phase] == ModelPhase.used {
            think(.wentOut, &client)
            client[.pending] = client[.floor]
        }
        for other in others { client[ModelField.looked[other]] = 0 }
        think(.abort, &client)
        stopSeeing(&client)
        client[.phase] = ModelPhase.out
        client[.isSure] = 0
    }

    private func cutOther(_ client: inout ModelBits, _ other: Int) {
        client[ModelField.links[other]] = 0
        if client[.writeLeft] >> other & 1 == 1 { endWrite(&client) }
    }

    /// The faults of one client.
    func findFaults(_ state: ModelState, _ number: Int) {
        let client = state[number]
        if can(.ownerCut, state), client[.reaches] == 1 {
            var next = fault(state)
            cutOwner(&next[number])
            add(.ownerCut, number, next)
        }
        if can(.otherCut, state) {
            for other in others where reaches(client, other) {
                var next = fault(state)
                cutOther(&next[number], other)
                add(.otherCut, number, other, next)
            }
        }
        if can(.clientOut, state), client[.reaches] == 1, others.allSatisfy({ reaches(client, $0) }) {
            var next = fault(state)
            cutOwner(&next[number])
            for other in others { cutOther(&next[number], other) }
            add(.clientOut, number, next)
        }
        if can(.crash, state), state[1 - number][.isAlive] == 1 {
            var next = fault(state)
            next[number] = ModelBits()
            add(.crash, number, next)
        }
        if can(.pause, state), client[.phase] == ModelPhase.used, client[.reaches] == 1,
            state.servers[.limbo] == 0, state.servers[.versions] <= scope.writes
        {
            var next = fault(state)
            next.servers[.versions] += 1
            next.servers[.limbo] = next.servers[.versions]
            for client in 0..<2 where state[client][.isAlive] == 1 { cutOwner(&next[client]) }
            add(.pause, number, next)
        }
    }

    /// The events that may happen to a client's ways at any time.
    func findWays(_ state: ModelState, _ number: Int) {
        let client = state[number]
        if client[.reaches] == 0 {
            var next = state
            // It carries out a write that it has received before it answers anybody.
            if next.servers[.limbo] != 0 { next.servers[.value] = next.servers[.limbo] }
            next.servers[.limbo] = 0
            next[number][.reaches] = 1
            add(.ownerOpen, number, next)
        }
        for other in others {
            var next = state
            let link = ModelField.links[other]
            switch client[link] {
            case 0:
                next[number][link] = scope.isUsedAtOnce ? 1 : 2
                hear(&next[number], other)
                add(.otherOpen, number, other, next)
            case 2:
                next[number][link] = 1
                add(.otherUsed, number, other, next)
            default:
                // A new connection, after CLIENT KILL for one.
                let isWriting = client[.writeLeft] >> other & 1 == 1
                guard isWriting || client[.unheard] >> other & 1 == 1 else { continue }
                hear(&next[number], other)
                if isWriting { endWrite(&next[number]) }
                add(.hear, number, other, next)
            }
        }
        bound(state, number)
    }

    /// A doubt's time is over. A client that can reach the owner has returned by then, or remembers nothing:
    /// no client that remembers is cut off from it, and no unread journal alone knows of a write. See "What
    /// no design can give" in `Rejoin`.
    private func bound(_ state: ModelState, _ number: Int) {
        let (client, another) = (state[number], state[1 - number])
        let answers = answers(client)
        guard client[.phase] == ModelPhase.used, answers.isInDoubt, !answers.hasEnded, client[.reaches] == 1,
            client[.write] == 0, another[.write] == 0
        else { return }
        if another[.isAlive] == 1, another[.reaches] == 1, another[.phase] != ModelPhase.used { return }
        if another[.isAlive] == 1, another[.reaches] == 0, self.answers(another).hasOwn { return }
        let value = state.servers[.value]
        if value > 0, value < client[.floor], hasNotes(state) { return }
        var next = state
        think(.bound, &next[number])
        endDoubtIfOver(&next, number)
        add(.bound, number, next)
    }

    // MARK: Of servers

    func findFaults(_ state: ModelState) {
        for other in others {
            if can(.restart, state) { add(.restart, 0, other, restarted(state, other)) }
            if can(.loss, state) { add(.loss, 0, other, emptied(restarted(state, other), other)) }
            if can(.flush, state) {
                var next = fault(state)
                for client in 0..<2 where state[client][.isAlive] == 1 {
                    next[client][.unheard] |= 1 << other
                }
                add(.flush, 0, other, emptied(next, other))
            }
        }
        if can(.ownerOut, state), (0..<2).allSatisfy({ state[$0][.isAlive] == 0 || state[$0][.reaches] == 1 })
        {
            var next = fault(state)
            for client in 0..<2 where state[client][.isAlive] == 1 { cutOwner(&next[client]) }
            add(.ownerOut, 0, next)
        }
        if can(.ownerRestart, state) {
            var next = fault(state)
            next.servers[.limbo] = 0
            for client in 0..<2 where state[client][.isAlive] == 1 { cutOwner(&next[client]) }
            add(.ownerRestart, 0, next)
            next.servers[.value] = 0
            add(.ownerLoss, 0, next)
        }
        passDeadline(state)
    }

    private func restarted(_ state: ModelState, _ other: Int) -> ModelState {
        var next = fault(state)
        for client in 0..<2 where state[client][.isAlive] == 1 {
            next[client][.unheard] |= 1 << other
            if state[client][.writeLeft] >> other & 1 == 1 { endWrite(&next[client]) }
        }
        return next
    }

    private func emptied(_ state: ModelState, _ other: Int) -> ModelState {
        var next = state
        next.servers[ModelField.journals[other]] = 0
        takeMark(&next, other)
        return next
    }

    /// No write takes longer than that. It makes a difference only to clients that have heard of a loss.
    private func passDeadline(_ state: ModelState) {
        guard state.first[.write] == 0, state.second[.write] == 0 else { return }
        var next = state
        for client in 0..<2 where state[client][.isAlive] == 1 && answers(state[client]).losable != 0 {
            think(.deadlinePasses, &next[client])
        }
        if next != state { add(.deadline, 0, next) }
    }
}

import CachesCluster

// While the node of a key is out, another may serve it: see `StandIn`. That is decided when a call finds the
// node out, or has just been the first to fail; a call on the fast path costs one look at a number.

extension CacheEntry {
    /// Carries out a command on the nodes that stand in for one that is out.
    ///
    /// - Parameter error: The error of the call, if the call found out itself.
    /// - Throws: That error, or why the node is out, if no node stands in.
    final func sendToStandIn<Output>(
        _ command: CacheCommand<Output>, _ call: Call, after error: CachesError? = nil
    ) async throws -> Output {
        if let error, !error.leavesTime { throw error }
        if let error, try await call.node.isUsed(before: call.deadline) {
            // Only the connection was lost.
            guard command.idempotent else { throw error }
            return try await sendToOwner(command, call)
        }
        if call.node.isOut, let output = try outputOfUnreadScript(command, call) { return output }
        guard call.node.isOut, let (standIn, use) = try standIn(for: command.words, call.route) else {
            if let error { throw error }
            return try await sendToOwner(command, call)
        }
        if use != .read, try await !standIn.ownerIsOut(before: call.deadline) {
            guard !call.node.isOut else { throw standIn.unreached }
            return try await sendOnce(more: command, call)
        }
        let hasTime = call.deadline.remaining >= StandIn.leastTime
        do {
            let reply = try await carryOut(command.words, use, by: standIn, call)
            return try output(of: command, reply, use, standIn)
        } catch let failure as StandInFailure where StandIn.saysBack(failure.error) {
            switch try await standIn.newsOfOwner(before: call.deadline) {
            case .isUsed: return try await sendOnce(more: command, call)
            case .isOutAgain: return try await sendToStandIn(command, call)
            case .isUnreached: throw standIn.unreached
            }
        } catch let failure as StandInFailure where StandIn.isFull(failure.error) {
            throw standIn.full(failure.holder)
        } catch let failure as StandInFailure where failure.error.leavesTime {
            // The next in order, once this one is known to be out.
            guard try await !failure.holder.isUsed(before: call.deadline), failure.holder.isOut else {
                throw failure.error
            }
            return try await sendToStandIn(command, call)
        } catch let failure as StandInFailure where failure.error.code == .timeout && !hasTime {
            throw standIn.lateForWantOfTime(failure.holder)
        } catch let failure as StandInFailure {
            throw failure.error
        }
    }

    /// Sends a command to the owner, which has just come back.
    private func sendOnce<Output>(
        more command: CacheCommand<Output>, _ call: Call
    ) async throws -> Output {
        guard let doubt = doubt(at: call.route) else { return try await sendToOwner(command, call) }
        return try await send(command, call, inDoubt: doubt)
    }

    /// Has a command carried out in place of the owner. Others that note it do so at the same time.
    /// - Throws: ``StandInFailure``; `CancellationError`.
    private func carryOut(
        _ words: CommandWords, _ use: StandIn.Use, by standIn: StandIn, _ call: Call
    ) async throws -> Reply {
        guard use != .read else {
            return try await carryOut(words, .read, by: standIn, at: standIn.node, call)
        }
        standIn.willWrite(call.key.text)
        guard let witness = standIn.witness else {
            return try await carryOut(words, use, by: standIn, at: standIn.node, call)
        }
        return try await together {
            _ = try await self.carryOut(words, .note, by: standIn, at: witness, call)
        } and: {
            try await carryOut(words, use, by: standIn, at: standIn.node, call)
        }.1
    }

    private func carryOut(
        _ words: CommandWords, _ use: StandIn.Use, by standIn: StandIn, at holder: Node, _ call: Call
    ) async throws -> Reply {
        do {
            return try await holder.send(idempotent: true, deadline: call.deadline) { [scope] writer in
                words.write(call.key, scope: scope, use, to: standIn, at: holder, &writer)
            }
        } catch let error as CachesError {
            throw StandInFailure(holder: holder, error: error)
        }
    }

    /// The prefix that only keys of the class have; empty if this key has a prefix of its own.
    private var scope: String {
        let prefix = Self.normalize(prefix: Self.prefix) + "."
        return prefix != "." && key.text.hasPrefix(prefix) ? prefix : ""
    }

    /// The meaning of a stand-in's reply.
    final func output<Output>(
        of command: CacheCommand<Output>, _ reply: Reply, _ use: StandIn.Use, _ standIn: StandIn
    ) throws -> Output {
        guard use != .note else {
            if isScriptOfGutter(command.words), let answer = command.answerWhenOut {
                CacheCounters.countDropped()
                return answer()
            }
            return try output(of: command, after: standIn.unreached)
        }
        CacheCounters.countStoodIn()
        return try command.read(reply, standIn.node)
    }

    /// The output of a script that reads, where another server stands in for the node: that runs no scripts,
    /// so nothing is found. nil if the command is another one, or no server stands in.
    private func outputOfUnreadScript<Output>(
        _ command: CacheCommand<Output>, _ call: Call
    ) throws(CachesError) -> Output? {
        guard command.words.isRead, isScriptOfGutter(command.words), let answer = command.answerWhenOut,
            try standIn(for: .get, call.route) != nil
        else { return nil }
        CacheCounters.countMissed()
        return answer()
    }

    /// Whether it is a script on a key for which another server would carry out plain commands.
    private func isScriptOfGutter(_ words: CommandWords) -> Bool {
        !words.isPlain && supportsGutter && outagePolicy.gutterTTL != nil
    }

    /// The server that carries out a command in place of a node that is out, and how; nil if there is no such
    /// server.
    final func standIn(
        for words: CommandWords, _ route: Route
    ) throws(CachesError) -> (StandIn, StandIn.Use)? {
        let policy = outagePolicy
        guard policy != .fail, route.move == nil else { return nil }
        let use: StandIn.Use
        switch words.whenOut {
        case .fail: return nil
        case .miss:
            // A stand-in runs no scripts.
            guard policy != .miss, supportsGutter, words.isPlain else { return nil }
            use = .read
        case .drop: use = policy == .miss || !supportsGutter || !words.isPlain ? .note : .write
        }
        // A dropped value is noted as well, or the node would return with the value that it replaced.
        let ttl = policy.gutterTTL ?? .seconds(1)
        return try pool.standIn(for: route.key.text, connection: connection, owner: route.node, ttl: ttl).map
        {
            ($0, use)
        }
    }
}

/// The errors of the nodes that stand in for another.
private struct StandInFailure: Error {
    let holder: Node
    let error: CachesError
}

extension StandIn {
    /// A stand-in that has less time than this is not called late: the call has waited for the owner before.
    static let leastTime = Duration.milliseconds(100)

    /// Why a call fails that spent its time waiting for the owner. The stand-in is not at fault.
    func lateForWantOfTime(_ holder: Node) -> CachesError {
        CachesError(
            .timeout,
            "It is out, and what was left of the call's time was too short for \(holder.name).",
            advice: "It is tried again by itself.", node: absent.name)
    }

    /// Why a call fails though another process can reach the node; or is dropped.
    var unreached: CachesError {
        let error = CachesError(
            .unreachable, "It is out, and \(node.name) does not stand in for it.",
            advice: "It is tried again by itself.", node: absent.name)
        if case .down(let reason) = absent.state { return reason.at(absent.name) }
        return error
    }

    /// Why a write fails that can't be noted.
    func full(_ holder: Node) -> CachesError {
        CachesError(
            .unreachable,
            "It is out, and \(holder.name) has noted so many keys that were written in its place that it takes no more.",
            advice:
                "Bring the server back. A class with a prefix of its own needs one note for all of its keys.",
            node: absent.name)
    }
}

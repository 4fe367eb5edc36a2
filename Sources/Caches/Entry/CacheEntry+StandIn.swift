// While the node of a key is out, another may serve it: see `StandIn`. That is decided when a call finds the node out,
// or has just been the first to fail; the usual call costs one look at a number.

extension CacheEntry {
    /// Carries out a command on the node that stands in for one that is out.
    ///
    /// - Parameter error: What the call failed with, if it found out itself.
    /// - Throws: That error, or why the node is out, if none stands in.
    final func sendToStandIn<Output>(
        _ command: CacheCommand<Output>, _ route: Route, after error: CachesError? = nil
    ) async throws -> Output {
        if let error, !error.leavesTime { throw error }
        if let error, try await route.node.isUsed(before: route.deadline) {
            // It was the connection alone that was lost.
            guard command.idempotent else { throw error }
            return try await sendToOwner(command, route)
        }
        guard route.node.isOut, let (standIn, use) = try standIn(for: command.words, route.place) else {
            if let error { throw error }
            return try await sendToOwner(command, route)
        }
        do {
            let reply = try await standIn.node.send(idempotent: true, deadline: route.deadline) { writer in
                command.words.write(route.key, use, to: standIn, &writer)
            }
            return try output(of: command, reply, use, standIn)
        } catch let error as CachesError where StandIn.saysBack(error) {
            guard try await standIn.ownerIsBack(before: route.deadline) else { throw standIn.unreached }
            return try await sendToOwner(command, route)
        } catch let error as CachesError where error.leavesTime {
            // The next in order, once this one is known to be out.
            guard try await !standIn.node.isUsed(before: route.deadline), standIn.node.isOut else {
                throw error
            }
            return try await sendToStandIn(command, route)
        }
    }

    /// What a stand-in's reply means.
    final func output<Output>(
        of command: CacheCommand<Output>, _ reply: Reply, _ use: StandIn.Use, _ standIn: StandIn
    ) throws -> Output {
        guard use != .note else { return try output(of: command, after: standIn.unreached) }
        CacheCounters.countStoodIn()
        return try command.read(reply, standIn.node)
    }

    /// Who carries out a command in place of a node that is out, and how; nil if nobody does.
    final func standIn(
        for words: CommandWords, _ place: KeyPlace
    ) throws(CachesError) -> (StandIn, StandIn.Use)? {
        let policy = outagePolicy
        guard policy != .fail, place.route.move == nil else { return nil }
        let use: StandIn.Use
        switch words.whenOut {
        case .fail: return nil
        case .miss:
            guard policy != .miss, hasStandIns else { return nil }
            use = .read
        case .drop: use = policy == .miss || !hasStandIns || !words.isPlain ? .note : .write
        }
        // What is dropped is noted, too, or the node would return with what it replaced.
        let ttl = policy.gutterTTL ?? .seconds(1)
        return try pool.standIn(for: place.key.text, on: connection, owner: place.route.node, ttl: ttl).map {
            ($0, use)
        }
    }
}

/// A key and the way to it.
struct KeyPlace {
    let key: KeyBytes
    let route: KeyRoute
}

extension Node {
    /// Waits until it is known whether the node, which has just failed, is out.
    /// - Returns: Whether it is not.
    func isUsed(before deadline: Deadline) async throws -> Bool {
        while health == .suspect, !deadline.hasPassed { try await Task.sleep(for: .milliseconds(2)) }
        return health == .healthy
    }
}

extension StandIn {
    /// Why a call fails though another process can reach the node; or is dropped.
    var unreached: CachesError {
        let error = CachesError(
            .unreachable, "It is out, and \(node.name) does not stand in for it.",
            advice: "It is tried again by itself.", node: absent.name)
        if case .down(let reason) = absent.state { return reason.at(absent.name) }
        return error
    }
}

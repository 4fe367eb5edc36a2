extension CacheEntry {
    /// Where one call goes.
    struct Route {
        let place: KeyPlace
        let deadline: Deadline

        var key: KeyBytes { place.key }
        var node: Node { place.route.node }

        /// Sends one command to whoever has the key.
        /// - Returns: The reply, and the node that gave it.
        func send(
            idempotent: Bool, _ write: (inout CommandWriter) -> Void
        ) async throws -> (reply: Reply, node: Node) {
            guard let move = place.route.move else {
                return (
                    try await node.send(idempotent: idempotent, forKey: true, deadline: deadline, write), node
                )
            }
            return try await move.send(idempotent: idempotent, deadline: deadline, write)
        }
    }

    /// Checks the key and finds the node that owns it. The time of the call begins here.
    final func route() throws(CachesError) -> Route {
        let key = try key.checked()
        let place = KeyPlace(key: key, route: try pool.route(of: key, on: connection))
        return Route(place: place, deadline: place.route.node.deadline(deadline))
    }

    /// Where a call goes and until when it may take, if nothing is out of the usual; nil: as ``sendOutOfTheUsual(_:)``
    /// finds out.
    @usableFromInline
    final func usualWay() -> (line: Line, deadline: Deadline)? {
        guard key.isWithinLimits, Self.reads == .owner else { return nil }
        return pool.enter(for: key.bytes, on: connection, deadline: deadline)
    }

    /// Sends a command to the node that owns the key and reads its reply.
    // Inlined, as each asynchronous function that a call passes through costs its frame.
    @inline(__always)
    final func run<Output>(_ command: CacheCommand<Output>) async throws -> Output {
        do {
            return try await send(command)
        } catch let error as CachesError {
            return try output(of: command, after: error)
        }
    }

    /// As ``run(_:)``; an outage is an error, whatever the policy, unless another node stands in.
    final func send<Output>(_ command: CacheCommand<Output>) async throws -> Output {
        guard command.words.isRead || !Flights.shared.areAny else {
            return try await Flights.shared.voiding([flightPlace]) { try await carryOut(command) }
        }
        return try await carryOut(command)
    }

    /// What a write of the key voids.
    final var flightPlace: Flights.Place { Flights.Place(key.bytes, on: pool) }

    /// As ``send(_:)``, whoever computes the value meanwhile.
    @inline(__always)
    final func carryOut<Output>(_ command: CacheCommand<Output>) async throws -> Output {
        guard let (line, deadline) = usualWay() else { return try await sendOutOfTheUsual(command) }
        let reply: Reply
        do {
            reply = try await line.send(
                idempotent: command.idempotent, forKey: true, deadline: deadline
            ) { command.words.write(key.bytes, to: &$0) }
        } catch {
            return try await sendElsewhere(command, than: line, deadline, after: error)
        }
        return try command.read(reply, line)
    }

    /// Sends a command to a node that stands in for the owner, which has just failed, or to a new owner.
    @inline(never)
    final func sendElsewhere<Output>(
        _ command: CacheCommand<Output>, than line: Line, _ deadline: Deadline, after error: any Error
    ) async throws -> Output {
        guard let error = error as? CachesError else { throw error }
        // The pool has got other servers after the line was found, and before anything was sent over it.
        if error.wasNotSent, line.node == nil { return try await sendOutOfTheUsual(command) }
        guard error.leavesTime, let owner = line.node else { throw error }
        let place = KeyPlace(key: key.bytes, route: KeyRoute(node: owner, move: nil))
        return try await sendToStandIn(command, Route(place: place, deadline: deadline), after: error)
    }

    /// Sends a command while a hand-over is under way, say, or the owner is out, or to a replica.
    @inline(never)
    final func sendOutOfTheUsual<Output>(_ command: CacheCommand<Output>) async throws -> Output {
        let route = try route()
        guard !route.node.isOut else { return try await sendToStandIn(command, route) }
        if let doubt = doubt(at: route.place) { return try await send(command, route, inDoubt: doubt) }
        if Self.reads == .preferReplica {
            if !command.words.isRead { Self.noteWrite() }
            if let output = try await readFromReplica(command, route) { return output }
        }
        do {
            return try await sendToOwner(command, route)
        } catch let error as CachesError where error.leavesTime {
            return try await sendToStandIn(command, route, after: error)
        }
    }

    /// Sends a command to the node that owns the key, and to no other.
    final func sendToOwner<Output>(_ command: CacheCommand<Output>, _ route: Route) async throws -> Output {
        let (reply, node) = try await route.send(idempotent: command.idempotent) { writer in
            command.words.write(route.key, to: &writer)
        }
        return try command.read(reply, node)
    }

    /// What a command that failed returns: what the policy says if its node is out, and else the error.
    final func output<Output>(
        of command: CacheCommand<Output>, after error: CachesError
    ) throws(CachesError) -> Output {
        try excuse(command.words, after: error)
        guard let answer = command.answerWhenOut else { throw error }
        return answer()
    }

    /// Throws the error of a command that failed, unless its node is out and the policy is to miss, which is counted.
    final func excuse(_ words: CommandWords, after error: CachesError) throws(CachesError) {
        guard error.isOutage, outagePolicy == .miss else {
            throw explained(error).naming(command: words.name)
        }
        switch words.whenOut {
        case .fail: throw error
        case .miss: CacheCounters.countMissed()
        case .drop: CacheCounters.countDropped()
        }
    }

    /// An error that a server answers often, with the key and what to do about it.
    final func explained(_ error: CachesError) -> CachesError {
        guard let name = error.code.serverName else { return error }
        var error = error
        if name == "WRONGTYPE" {
            error.advice =
                "The key \(key) holds another kind of value than \(type(of: self)) keeps: give one of the "
                + "classes that write it another prefix, or clear it."
        } else if CachesError.notCountable.contains(where: error.message.contains) {
            error.advice = "See what the key \(key) holds: only a number in plain decimal can be counted up."
        } else if error.message.contains("multibulk length") {
            error.advice =
                "Servers before Redis 7 take at most 1 048 576 words a command: write less at once."
        } else if error.message.contains("not a number (NaN)") {
            error.advice =
                "An infinite score and its opposite have no sum: set the score in \(key) to a number instead."
        }
        return error
    }
}

extension CachesError {
    /// What servers say of a counter that holds no number, or none that can be counted up.
    fileprivate static let notCountable = ["not an integer", "not a float", "NaN or Infinity"]
}

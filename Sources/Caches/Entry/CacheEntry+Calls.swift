import CachesCluster
import CachesTransport

extension CacheEntry {
    /// The route and the deadline of one call.
    struct Call {
        let route: Route
        let deadline: Deadline

        var key: KeyBytes { route.key }
        var node: Node { route.node }

        /// Sends the commands of one operation to the node that has the key.
        /// - Returns: The last reply, and the node that gave it.
        func send(
            _ count: Int, idempotent: Bool, _ write: (inout CommandWriter) -> Void
        ) async throws -> (reply: Reply, node: Node) {
            guard let move = route.move else {
                let reply = try await node.sendOperation(
                    count, idempotent: idempotent, deadline: deadline, write)
                return (reply, node)
            }
            return try await move.send(count, idempotent: idempotent, deadline: deadline, write)
        }
    }

    /// Checks the key and finds the node that owns it. The time of the call begins here.
    final func call() throws(CachesError) -> Call {
        let route = try pool.route(of: key.checked(), connection: connection)
        return Call(route: route, deadline: route.node.deadline(deadline))
    }

    /// The connection and the deadline of a call in the common case; nil if it needs ``sendSlowPath(_:)``.
    @usableFromInline
    final func fastPath() -> (connection: NodeConnection, deadline: Deadline)? {
        guard key.isWithinLimits, Self.reads == .owner else { return nil }
        return pool.connection(for: key.bytes, connection: connection, deadline: deadline)
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

    /// The flights that a write of the key voids.
    final var flightPlace: Flights.Place { Flights.Place(key.bytes, on: pool) }

    /// As ``send(_:)``, whoever computes the value meanwhile.
    @inline(__always)
    final func carryOut<Output>(_ command: CacheCommand<Output>) async throws -> Output {
        guard command.words.count == 1, let (connection, deadline) = fastPath() else {
            return try await sendSlowPath(command)
        }
        let reply: Reply
        do {
            reply = try await connection.send(
                idempotent: command.idempotent, forKey: true, deadline: deadline
            ) { command.words.write(key.bytes, to: &$0) }
        } catch {
            return try await retry(command, insteadOf: connection, deadline, after: error)
        }
        return try command.read(reply, connection)
    }

    /// Sends a command that failed over a connection to the key's new owner, or to a stand-in.
    @inline(never)
    final func retry<Output>(
        _ command: CacheCommand<Output>, insteadOf connection: NodeConnection, _ deadline: Deadline,
        after error: any Error
    ) async throws -> Output {
        guard let error = error as? CachesError else { throw error }
        // The pool was reconfigured after the connection was found, and before anything was sent over it.
        if error.wasNotSent, connection.node == nil { return try await sendSlowPath(command) }
        guard error.leavesTime, let owner = connection.node else { throw error }
        let call = Call(route: Route(key: key.bytes, node: owner), deadline: deadline)
        return try await sendToStandIn(command, call, after: error)
    }

    /// Sends a command during a hand-over, while the owner is out or in doubt, or to a replica.
    @inline(never)
    final func sendSlowPath<Output>(_ command: CacheCommand<Output>) async throws -> Output {
        let call = try call()
        guard !call.node.isOut else { return try await sendToStandIn(command, call) }
        if let doubt = doubt(at: call.route) { return try await send(command, call, inDoubt: doubt) }
        if Self.reads == .preferReplica {
            if !command.words.isRead { Self.noteWrite() }
            if let output = try await readFromReplica(command, call) { return output }
        }
        do {
            return try await sendToOwner(command, call)
        } catch let error as CachesError where error.leavesTime {
            return try await sendToStandIn(command, call, after: error)
        }
    }

    /// Sends a command to the node that owns the key, and to no other.
    final func sendToOwner<Output>(_ command: CacheCommand<Output>, _ call: Call) async throws -> Output {
        let (reply, node) = try await call.send(command.words.count, idempotent: command.idempotent) {
            writer in
            command.words.write(call.key, to: &writer)
        }
        return try command.read(reply, node)
    }

    /// The output of a command that failed, by the outage policy; throws the error if the policy has no
    /// output.
    final func output<Output>(
        of command: CacheCommand<Output>, after error: CachesError
    ) throws(CachesError) -> Output {
        try applyOutagePolicy(to: command.words, after: error)
        guard let answer = command.answerWhenOut else { throw error }
        return answer()
    }

    /// Throws the error of a command that failed, unless its node is out and the policy is to miss, which is
    /// counted.
    final func applyOutagePolicy(
        to words: CommandWords, after error: CachesError
    ) throws(CachesError) {
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
    /// The servers' words about a counter whose value is not a number, or would overflow.
    fileprivate static let notCountable = ["not an integer", "not a float", "NaN or Infinity"]
}

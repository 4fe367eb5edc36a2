public import CachesTransport

// One sequence for every call: `attempt` sends the commands over the present connection, and `finish` repeats
// them, or has them carried out elsewhere, if necessary. The fast path of one command is an attempt of its
// own: `NodeConnection.send`. It comes here only if it fails.

extension Node {
    /// Sends one command and waits for its reply.
    ///
    /// - Parameters:
    ///   - idempotent: Whether the command may be carried out twice without harm. Such a command is sent
    ///     again, once, if the connection was lost before its reply came, and a few times if another call
    ///     caused the loss; but not if the server may have closed the connection because of it, as for a
    ///     command with a word of more than 1 MiB. Any other command is sent again only if it surely had not
    ///     been sent.
    ///   - forKey: Whether the node was chosen for the command's key. If the server has left its cluster, the
    ///     command is then sent to the server that owns the key now.
    ///   - deadline: When to give up, including a second attempt.
    ///   - write: Writes the command. It must do nothing else, and may be called several times.
    /// - Throws: ``CachesError``, also for an error that the server answers; `CancellationError`.
    // Only the case without errors is inlinable: see `Connection.send`.
    @inlinable
    public func send(
        idempotent: Bool, forKey: Bool = false, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard let connection = current.connection() else {
            return try await sendSlowPath(idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        return try await connection.send(idempotent: idempotent, forKey: forKey, deadline: deadline, write)
    }

    /// Sends one command if no connection is published: opens one first, or fails if the node is out.
    @usableFromInline @inline(never)
    func sendSlowPath(
        idempotent: Bool, forKey: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let call = Call(idempotent: idempotent, forKey: forKey, deadline: deadline)
        return try await observed(write) { try await carryOutUnobserved(call, write).only(from: self) }
    }

    /// Sends one command of plain words and waits for its reply: `try await node.send("INFO", "server")`.
    ///
    /// It is not sent again if the connection is lost. `deadline` nil means the node's default.
    ///
    /// - Throws: ``CachesError``, also for an error that the server answers, and of code
    ///   ``CachesError/Code/invalidArgument`` for a command that changes the shared connection for other
    ///   tasks, or blocks it: `MULTI`, `SELECT`, `SUBSCRIBE`, `BLPOP` and similar. `CancellationError`.
    public func send(_ words: String..., deadline: Deadline? = nil) async throws -> Reply {
        try UnsharedCommand.check(words)
        return try await send(idempotent: false, deadline: deadline ?? self.deadline()) { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }

    /// Sends several commands at once and waits for all their replies.
    ///
    /// - Parameters:
    ///   - count: How many commands `write` writes, at least 1.
    ///   - idempotent: As for ``send(idempotent:forKey:deadline:_:)``, for all of them.
    ///   - forKey: As for ``send(idempotent:forKey:deadline:_:)``, for all of them.
    /// - Returns: One reply per command, in order; an error that the server answers is its command's reply.
    /// - Throws: ``CachesError``, also if some commands had to be carried out by other servers of a cluster
    ///   and failed there; `CancellationError`.
    public func pipeline(
        _ count: Int, idempotent: Bool = false, forKey: Bool = false, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        try await carryOut(
            Call(count, idempotent: idempotent, forKey: forKey, deadline: deadline), write
        ).replies
    }

    /// Sends the commands of a call at once and waits for all their replies.
    ///
    /// - Throws: ``CachesError``, of the first command that failed if only some did, at other servers;
    ///   `CancellationError`.
    package func carryOut(
        _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> Answer {
        do { return try await carryOutEach(call, write) } catch let partial as PartialFailure {
            throw partial.first
        }
    }

    /// As ``carryOut(_:_:)``, for callers that read each command's outcome with `result(at:)`, also from the
    /// thrown error.
    ///
    /// - Throws: ``CachesError``; ``PartialFailure`` if some of several commands failed, at other servers;
    ///   `CancellationError`.
    package func carryOutEach(
        _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> Answer {
        guard call.groups == nil else { return try await carryOutGroups(call, write) }
        guard hooks.observer == nil || call.reach != .deployment else {
            return try await observed(write) { try await carryOutUnobserved(call, write) }
        }
        return try await carryOutUnobserved(call, write)
    }

    /// As ``carryOutEach(_:_:)``, with one reply per group.
    private func carryOutGroups(
        _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> Answer {
        var single = call
        single.groups = nil
        do {
            let answer = try await carryOutEach(single, write)
            let replies = call.groups?.outcomes(answer.replies) ?? answer.replies
            return Answer(replies: replies, connection: answer.connection)
        } catch let partial as PartialFailure {
            throw call.groups?.outcomes(partial) ?? partial
        }
    }

    @inline(__always)
    private func carryOutUnobserved(
        _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> Answer {
        let attempt = try await attempt(call, write)
        if case .answered(let replies, let connection) = attempt, !isToBeRedirected(replies, of: call) {
            return Answer(replies: replies, connection: connection)
        }
        return try await finish(call, attempt, write)
    }
}

extension Node {
    /// Commands that are sent together: everything about them but their words.
    package struct Call: Sendable {
        /// Which servers may carry the commands out.
        package enum Reach: Sendable {
            /// The node's server; another server of its deployment if that one refuses.
            case deployment
            /// Only the node's server.
            case server
            /// Only the node's server, even while it is out: work that precedes its return. Sent once.
            case readmission
        }

        let count: Int
        let idempotent: Bool
        let forKey: Bool
        let deadline: Deadline
        let reach: Reach

        /// The groups of commands with one outcome each; nil if each command has its own.
        fileprivate(set) var groups: CommandGroups?

        /// - Parameters:
        ///   - count: How many commands there are, at least 1.
        ///   - idempotent: As for ``Node/send(idempotent:forKey:deadline:_:)``.
        ///   - forKey: As for ``Node/send(idempotent:forKey:deadline:_:)``.
        package init(
            _ count: Int = 1, idempotent: Bool, forKey: Bool = false, deadline: Deadline,
            reach: Reach = .deployment
        ) {
            self.count = count
            self.idempotent = idempotent
            self.forKey = forKey
            self.deadline = deadline
            self.reach = reach
        }

        /// Commands in groups with one outcome each.
        ///
        /// - Parameter counts: How many commands each group has.
        package init(
            groups counts: [Int], idempotent: Bool, forKey: Bool = false, deadline: Deadline
        ) {
            let groups = CommandGroups(counts)
            self.init(
                groups?.total ?? counts.count, idempotent: idempotent, forKey: forKey, deadline: deadline)
            self.groups = groups
        }
    }

    /// The result of a call.
    package struct Answer: Sendable {
        /// One reply per command, or per group of commands, in order; an error that a server answers is a
        /// reply.
        package let replies: [Reply]

        /// The connection of the replies; nil if another server of the deployment gave the first.
        package let connection: NodeConnection?

        /// The reply to the only command.
        package func only(from node: Node) throws(CachesError) -> Reply {
            try replies[0].unlessError(from: node)
        }
    }

    /// The result of sending a call's commands over one connection.
    enum Attempt: Sendable {
        case answered([Reply], NodeConnection)
        /// - Parameter wasTried: Whether there was a connection.
        case failed(CachesError, wasTried: Bool)
    }

    /// Sends the commands of a call over the present connection, which is opened if there is none.
    ///
    /// - Parameter error: The error of the previous attempt.
    private func attempt(
        _ call: Call, after error: CachesError? = nil, _ write: (inout CommandWriter) -> Void
    ) async throws -> Attempt {
        let connection: NodeConnection
        do throws(CachesError) { connection = try self.connection(for: call) } catch {
            return .failed(error, wasTried: false)
        }
        // If this connection is lost as well, the call may be the cause.
        if let error, !error.wasNotSent { change { $0.machine.carriesRepeated(connection.number) } }
        do {
            let replies = try await connection.connection.pipeline(call.count, deadline: call.deadline, write)
            noteAnswers(replies, on: connection)
            return .answered(replies, connection)
        } catch let error as CachesError {
            noteFailure(error, on: connection)
            return .failed(error, wasTried: true)
        }
    }

    /// Turns a server's error to a single command into an attempt.
    /// - Throws: The deployment's error in its place, if it has a better one.
    func attempt(
        answeredBy answer: ServerError, _ error: CachesError, on connection: NodeConnection
    ) throws(CachesError) -> Attempt {
        if isRefused(error) { return .failed(error, wasTried: true) }
        if let better = deployment?.error(of: answer, from: self) { throw better }
        return .answered([.error(answer)], connection)
    }

    /// Repeats the commands of a call whose attempt failed, and has commands carried out elsewhere that
    /// belong to another server.
    @inline(never)
    func finish(
        _ call: Call, _ attempt: Attempt, _ write: (inout CommandWriter) -> Void
    ) async throws -> Answer {
        var attempt = attempt
        var left = call.mostRepetitions
        while case .failed(let error, wasTried: true) = attempt, left > 0, !call.deadline.hasPassed,
            mayRepeat(call, after: error)
        {
            left -= 1
            attempt = try await self.attempt(call, after: error, write)
            // One repetition is enough, unless another call caused the loss.
            if case .failed(let error, _) = attempt, !error.isLossByAnother { break }
        }
        switch attempt {
        case .answered(let replies, let connection):
            guard let deployment, isToBeRedirected(replies, of: call) else {
                return Answer(replies: replies, connection: connection)
            }
            let final = try await deployment.redirect(replies, call, from: self, write)
            let isFromHere = replies.first?.isError == final.first?.isError
            return Answer(replies: final, connection: isFromHere ? connection : nil)
        case .failed(let error, _):
            guard let deployment, call.reach == .deployment else { throw error }
            return Answer(
                replies: try await deployment.follow(call, from: self, after: error, write), connection: nil)
        }
    }

    private func isToBeRedirected(_ replies: [Reply], of call: Call) -> Bool {
        deployment != nil && call.reach == .deployment && replies.contains(where: \.isError)
    }

    private func mayRepeat(_ call: Call, after error: CachesError) -> Bool {
        error.wasNotSent || call.idempotent && error.code == .connectionLost && !error.mayBeItsCause
            || isRefused(error)
    }

    /// Whether the server has not carried out the commands, and the next connection leads to a server that
    /// will.
    private func isRefused(_ error: CachesError) -> Bool {
        deployment?.isRefusal(error) ?? false
    }

    private func connection(for call: Call) throws(CachesError) -> NodeConnection {
        guard call.reach == .readmission else { return try connection() }
        guard let connection = look({ $0.machine.current }) else { throw outError }
        return connection
    }

    /// The connection to use. Opens one if there is none, unless the node is out.
    func connection() throws(CachesError) -> NodeConnection {
        if let connection = current.connection() { connection } else { try openedConnection() }
    }

    @inline(never)
    private func openedConnection() throws(CachesError) -> NodeConnection {
        let wanted: Result<NodeConnection, CachesError> = change { shared in
            shared.counters.calls += 1
            if shared.health.health.isOut {
                shared.counters.refused += 1
                return .failure(shared.health.outError.at(name))
            }
            if let hindrance = shared.machine.hindrance {
                shared.machine.tryAgain(now: .now, open: open)
                return .failure(hindrance.error.at(name))
            }
            guard let (connection, _) = shared.machine.wanted(open: open) else {
                return .failure(CachesError.poolClosed.at(name))
            }
            return .success(connection)
        }
        do throws(CachesError) { return try wanted.get() } catch {
            throw error.code == .closed ? deployment?.leftError?.at(name) ?? error : error
        }
    }

    private var outError: CachesError { look { $0.health.outError }.at(name) }
}

extension Node.Call {
    /// The most repetitions of the call's commands. Many only if other calls made it lose its connection by
    /// faults of their own.
    fileprivate var mostRepetitions: Int {
        switch reach {
        case .deployment: 16
        case .server: 1
        case .readmission: 0
        }
    }
}

extension CachesError {
    /// Whether the call lost its connection because another call was refused, or that call's reply could not
    /// be read. The server's answer to a command that is too long may be lost with the connection.
    fileprivate var isLossByAnother: Bool {
        switch incident {
        case .commandRefused, .replyTooLarge, .replyUnreadable, .closedUnderLargeCommand:
            code == .connectionLost && !mayBeItsCause
        default: false
        }
    }
}

extension HealthStateMachine {
    /// The error of calls while the node is out.
    var outError: CachesError {
        guard let reason else {
            return CachesError(.unreachable, "There is no connection.", advice: "Check that the server runs.")
        }
        // The call that found out had a deadline that passed, and may have been carried out. A later call is
        // not sent, and a longer deadline would not help it.
        guard reason.code == .timeout else { return reason }
        return CachesError(
            .unreachable, "The node is out, and was not asked. \(reason.message)",
            advice: "It is tried again by itself. Check that the server runs, and what it is doing.")
    }
}

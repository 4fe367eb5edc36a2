public import CachesTransport

extension Node {
    /// Sends one command and waits for its reply.
    ///
    /// - Parameters:
    ///   - idempotent: Whether carrying it out twice does no harm. Such a command is sent again, once, if the
    ///     connection was lost before its reply came, and a few times if that was another call's fault; but not if it may
    ///     be what the server closed the connection for, as one with a word of more than 1 MiB may. Any other command
    ///     is sent again only if it surely had not been sent.
    ///   - forKey: Whether the node was chosen for the command's key. A server of a cluster that can't be asked, and
    ///     owns nothing any more, is then passed by: the one that has the key now is asked.
    ///   - deadline: When to give up, a second attempt included.
    ///   - write: Writes the command. It does nothing else, and may be called several times.
    /// - Throws: ``CachesError``, also for an error that the server answers; `CancellationError`.
    // Inlinable as far as all is well: see `Connection.send`.
    @inlinable
    public func send(
        idempotent: Bool, forKey: Bool = false, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard let line = gate.enter() else {
            return try await sendOverNewLine(
                idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        return try await line.send(idempotent: idempotent, forKey: forKey, deadline: deadline, write)
    }

    /// What is done with a command for which there is no connection yet, or none to be had.
    @usableFromInline @inline(never)
    func sendOverNewLine(
        idempotent: Bool, forKey: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let line: Line
        do throws(CachesError) {
            line = try wanted()
        } catch {
            return try await send(
                after: error, on: nil, idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        return try await line.send(idempotent: idempotent, forKey: forKey, deadline: deadline, write)
    }

    /// What is done with a command whose connection was lost, or that had none.
    @inline(never)
    func send(
        after error: CachesError, on line: Line?, idempotent: Bool, forKey: Bool, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        if let line { noteFailure(error, on: line.attempt) }
        let call = Call(count: 1, idempotent: idempotent, forKey: forKey, deadline: deadline)
        let (replies, _) = try await exchange(call, after: error, mayTryAgain: line != nil, write)
        return try replies[0].unlessError(from: self)
    }

    /// What is done with a command that was answered by an error: another server of the cluster may have to carry
    /// it out.
    @inline(never)
    func send(
        afterAnswer answer: ServerError, on line: Line, idempotent: Bool, forKey: Bool, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let error = answer.error(node: name)
        guard !isRefused(error) else {
            return try await send(
                after: error, on: line, idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        noteFailure(error, on: line.attempt)
        return try await redirect(answer, idempotent: idempotent, deadline: deadline, write)
    }

    /// Sends several commands at once and waits for all their replies.
    ///
    /// - Parameters:
    ///   - count: How many commands `write` writes, at least 1.
    ///   - idempotent: As for ``send(idempotent:forKey:deadline:_:)``, for all of them.
    ///   - forKey: As for ``send(idempotent:forKey:deadline:_:)``, for all of them.
    /// - Returns: One reply a command, in order; an error that the server answers is its command's reply.
    public func pipeline(
        _ count: Int, idempotent: Bool = false, forKey: Bool = false, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        let call = Call(count: count, idempotent: idempotent, forKey: forKey, deadline: deadline)
        return try await exchange(call, write).replies
    }

    /// As ``pipeline(_:idempotent:forKey:deadline:_:)``, of commands on keys that have nothing to do with each other.
    /// - Throws: ``PartialFailure`` if some of them had to be carried out by other servers of a cluster that can't.
    package func pipelineEach(
        _ count: Int, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        let call = Call(count: count, idempotent: idempotent, forKey: true, deadline: deadline)
        return try await exchangeEach(call, write).replies
    }

    /// As ``send(idempotent:forKey:deadline:_:)``, of a command on a key that may be carried out twice, for who has to know
    /// whether the next one reaches the same process of a server.
    /// - Returns: The reply, and what stands for who gave it: the connection over which it came; nil if it came from
    ///   another server of the cluster than was asked.
    package func sendTraced(
        deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> (reply: Reply, origin: AnyObject?) {
        let call = Call(count: 1, idempotent: true, forKey: true, deadline: deadline)
        let (replies, connection) = try await exchange(call, write)
        return (try replies[0].unlessError(from: self), connection)
    }

    /// Commands that are sent at once, but for what they are.
    struct Call {
        let count: Int
        let idempotent: Bool
        var forKey = false
        let deadline: Deadline
    }

    /// Sends commands, and has those carried out elsewhere that another server of the cluster has to.
    /// - Returns: The replies, and the connection over which they came; nil if they came from elsewhere.
    func exchange(
        _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> (replies: [Reply], connection: Connection?) {
        do {
            return try await exchangeEach(call, write)
        } catch let partial as PartialFailure {
            throw partial.first ?? partial
        }
    }

    /// As ``exchange(_:_:)``.
    /// - Throws: ``PartialFailure`` if some of the commands failed elsewhere.
    private func exchangeEach(
        _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> (replies: [Reply], connection: Connection?) {
        let attempt: NodeStateMachine<Connection>.Attempt
        do throws(CachesError) {
            attempt = try wanted().attempt
        } catch {
            return try await exchange(call, after: error, mayTryAgain: false, write)
        }
        let replies: [Reply]
        do {
            replies = try await exchange(call.count, on: attempt, deadline: call.deadline, write)
        } catch let error as CachesError {
            return try await exchange(call, after: error, mayTryAgain: true, write)
        }
        let final = try await redirect(replies, call, write)
        return (final, Self.isFromElsewhere(final, after: replies) ? nil : attempt.connection)
    }

    /// What is done with commands whose connection was lost, or that had none.
    private func exchange(
        _ call: Call, after error: CachesError, mayTryAgain: Bool, _ write: (inout CommandWriter) -> Void
    ) async throws -> (replies: [Reply], connection: Connection?) {
        var (error, attempts) = (error, mayTryAgain ? Self.mostAttempts : 0)
        while attempts > 0, !call.deadline.hasPassed, mayRetry(error, call.idempotent) {
            attempts -= 1
            let (connection, replies): (Connection, [Reply])
            do {
                let attempt = try wanted().attempt
                connection = attempt.connection
                // If that ends as well, it may be for this call.
                if !error.wasNotSent { change { $0.machine.carriesRepeated(attempt.number) } }
                replies = try await exchange(call.count, on: attempt, deadline: call.deadline, write)
            } catch let failure as CachesError {
                error = failure
                // Once is enough, unless it was lost for the sake of another call.
                if !error.isLossByAnother { attempts = 0 }
                continue
            }
            // Not where its errors are taken for this server's: some of the commands have been carried out.
            let final = try await redirect(replies, call, write)
            return (final, Self.isFromElsewhere(final, after: replies) ? nil : connection)
        }
        return (try await sendElsewhere(call, after: error, write), nil)
    }

    /// How often a call is sent again at most that others made lose its connection, by faults of their own.
    private static let mostAttempts = 16

    /// Whether what this server refused has been carried out elsewhere: of the first command, which stands for all.
    private static func isFromElsewhere(_ final: [Reply], after replies: [Reply]) -> Bool {
        replies.first?.isError != final.first?.isError
    }

    /// As ``exchange(_:_:)``, on this server alone.
    func exchangeHere(_ call: Call, _ write: (inout CommandWriter) -> Void) async throws -> [Reply] {
        let attempt = try wanted().attempt
        do {
            return try await exchange(call.count, on: attempt, deadline: call.deadline, write)
        } catch let error as CachesError where mayRetry(error, call.idempotent) {
            let other = try wanted().attempt
            return try await exchange(call.count, on: other, deadline: call.deadline, write)
        }
    }

    /// As ``pipeline(_:idempotent:forKey:deadline:_:)``, also while the node is out: for what has to be done before it is
    /// used again.
    package func pipelineWhileOut(
        _ count: Int, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard let attempt = look({ $0.machine.current }) else { throw outError }
        return try await exchange(count, on: attempt, deadline: deadline, write)
    }

    /// Sends one command of plain words and waits for its reply: `try await node.send("INFO", "server")`.
    ///
    /// It is not sent again if the connection is lost. `deadline` nil means the node's default.
    ///
    /// - Throws: ``CachesError``, also for an error that the server answers, and of code
    ///   ``CachesError/Code/invalidArgument`` for a command that changes what the connection does for all who share it,
    ///   or that keeps them waiting: `MULTI`, `SELECT`, `SUBSCRIBE`, `BLPOP` and their kin. `CancellationError`.
    public func send(_ words: String..., deadline: Deadline? = nil) async throws -> Reply {
        try UnsharedCommand.check(words)
        return try await send(idempotent: false, deadline: deadline ?? self.deadline()) { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }

    private func exchange(
        _ count: Int, on attempt: NodeStateMachine<Connection>.Attempt, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        do {
            let replies = try await attempt.connection.pipeline(count, deadline: deadline, write)
            noteAnswers(replies, on: attempt)
            return replies
        } catch let error as CachesError {
            noteFailure(error, on: attempt)
            throw error
        }
    }

    private func mayRetry(_ error: CachesError, _ idempotent: Bool) -> Bool {
        error.wasNotSent || idempotent && error.code == .connectionLost && !error.mayBeItsCause
            || isRefused(error)
    }

    /// Whether the server has not carried out what it was sent, and the next connection leads to the one that
    /// does.
    private func isRefused(_ error: CachesError) -> Bool {
        deployment?.isRefusal(error) ?? false
    }

    /// The line to use. It is opened for the call if there is none, and the node is not out.
    func wanted() throws(CachesError) -> Line {
        if let line = gate.enter() { line } else { try newlyWanted() }
    }

    @inline(never)
    private func newlyWanted() throws(CachesError) -> Line {
        let wanted: Result<NodeStateMachine<Connection>.Attempt, CachesError> = change { shared in
            shared.counters.calls += 1
            if shared.health.health.isOut {
                shared.counters.refused += 1
                return .failure(shared.health.outError.at(name))
            }
            if let hindrance = shared.machine.hindrance {
                shared.machine.tryAgain(now: .now, open: open)
                return .failure(hindrance.error.at(name))
            }
            guard let (attempt, _) = shared.machine.wanted(open: open) else {
                return .failure(CachesError.poolClosed.at(name))
            }
            return .success(attempt)
        }
        do throws(CachesError) {
            return gate.line(of: try wanted.get(), to: self)
        } catch {
            throw error.code == .closed ? deployment?.leftError?.at(name) ?? error : error
        }
    }

    private var outError: CachesError { look { $0.health.outError }.at(name) }
}

extension CachesError {
    /// Whether the call lost its connection since another one was refused, or its reply could not be read. What the server
    /// says of a command that is too long may be lost with the connection.
    fileprivate var isLossByAnother: Bool {
        switch incident {
        case .commandRefused, .replyTooLarge, .replyUnreadable, .closedUnderLargeCommand:
            code == .connectionLost && !mayBeItsCause
        default: false
        }
    }
}

extension HealthStateMachine {
    /// What calls are told while the node is out.
    var outError: CachesError {
        guard let reason else {
            return CachesError(.unreachable, "There is no connection.", advice: "Check that the server runs.")
        }
        // The call that found out had a deadline that passed, and may have been carried out. One that comes now is not
        // sent, and no longer deadline would help it.
        guard reason.code == .timeout else { return reason }
        return CachesError(
            .unreachable, "The node is out, and was not asked. \(reason.message)",
            advice: "It is tried again by itself. Check that the server runs, and what it is doing.")
    }
}

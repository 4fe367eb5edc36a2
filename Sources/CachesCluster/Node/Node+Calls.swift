public import CachesTransport

extension Node {
    /// Sends one command and waits for its reply.
    ///
    /// - Parameters:
    ///   - idempotent: Whether carrying it out twice does no harm. Such a command is sent again, once, if the
    ///     connection was lost before its reply came; any other only if it surely had not been sent.
    ///   - deadline: When to give up, a second attempt included.
    ///   - write: Writes the command. It does nothing else, and may be called twice.
    /// - Throws: ``CachesError``, also for an error that the server answers; `CancellationError`.
    public func send(
        idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let attempt = try connection()
        do {
            let reply = try await attempt.connection.send(deadline: deadline, write)
            noteAnswer()
            return reply
        } catch let error as CachesError {
            noteFailure(error, on: attempt)
            guard Self.mayRetry(error, idempotent) else { throw error }
        }
        let other = try connection()
        do {
            return try await other.connection.send(deadline: deadline, write)
        } catch let error as CachesError {
            noteFailure(error, on: other)
            throw error
        }
    }

    /// Sends several commands at once and waits for all their replies.
    ///
    /// - Parameters:
    ///   - count: How many commands `write` writes, at least 1.
    ///   - idempotent: As for ``send(idempotent:deadline:_:)``, for all of them.
    /// - Returns: One reply a command, in order; an error that the server answers is its command's reply.
    public func pipeline(
        _ count: Int, idempotent: Bool = false, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        try await exchange(count, idempotent: idempotent, deadline: deadline, write).replies
    }

    /// The same as ``pipeline(_:idempotent:deadline:_:)``, and the connection over which the replies came.
    func exchange(
        _ count: Int, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> (replies: [Reply], connection: Connection) {
        let attempt = try connection()
        do {
            return (try await exchange(count, on: attempt, deadline: deadline, write), attempt.connection)
        } catch let error as CachesError where Self.mayRetry(error, idempotent) {
            let other = try connection()
            return (try await exchange(count, on: other, deadline: deadline, write), other.connection)
        }
    }

    /// As ``pipeline(_:idempotent:deadline:_:)``, also while the node is out: for what has to be done before it is
    /// used again.
    package func pipelineWhileOut(
        _ count: Int, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard let attempt = shared.withLock({ $0.machine.current }) else { throw outError }
        return try await exchange(count, on: attempt, deadline: deadline, write)
    }

    /// Sends one command of plain words and waits for its reply: `try await node.send("INFO", "server")`.
    ///
    /// It is not sent again if the connection is lost. `deadline` nil means the node's default.
    public func send(_ words: String..., deadline: Deadline? = nil) async throws -> Reply {
        try await send(idempotent: false, deadline: deadline ?? self.deadline()) { command in
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

    private static func mayRetry(_ error: CachesError, _ idempotent: Bool) -> Bool {
        error.wasNotSent || idempotent && error.code == .connectionLost
    }

    /// The connection to use, if calls may use one.
    private func connection() throws(CachesError) -> NodeStateMachine<Connection>.Attempt {
        let attempt: Result<NodeStateMachine<Connection>.Attempt, CachesError> = shared.withLock { shared in
            shared.counters.calls += 1
            if shared.health.health.isOut {
                shared.counters.refused += 1
                return .failure(shared.health.outError)
            }
            guard let (attempt, _) = shared.machine.wanted(open: open) else {
                return .failure(Self.closedError)
            }
            return .success(attempt)
        }
        do throws(CachesError) { return try attempt.get() } catch { throw error.at(name) }
    }

    private var outError: CachesError { shared.withLock { $0.health.outError }.at(name) }

    private static var closedError: CachesError {
        CachesError(.closed, "The pool was closed.", advice: "Make calls before you close it.")
    }
}

extension HealthStateMachine {
    /// What calls are told while the node is out.
    var outError: CachesError {
        reason ?? CachesError(.unreachable, "There is no connection.", advice: "Check that the server runs.")
    }
}

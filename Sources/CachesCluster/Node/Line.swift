public import CachesTransport
internal import Synchronization

/// A connection of a node, as calls use it.
///
/// It is what a call holds on to while it waits. Public for code that is inlined where calls are made; what it is for,
/// ``Node`` offers.
public final class Line: Sendable {
    let attempt: NodeStateMachine<Connection>.Attempt

    /// The same connection, for code that is inlined.
    @usableFromInline let connection: Connection

    /// nil once the pool is gone.
    package weak let node: Node?

    /// Whether the node wants to know that it answers.
    let isSuspect = Atomic(false)

    init(_ attempt: NodeStateMachine<Connection>.Attempt, of node: Node) {
        self.attempt = attempt
        connection = attempt.connection
        self.node = node
    }

    /// What the node is called.
    package var name: String { connection.configuration.name }

    /// As ``Node/send(idempotent:forKey:deadline:_:)``, over this connection as long as it is there.
    // Inlinable as far as all is well: see `Connection.send`.
    @inlinable @inline(__always)
    public func send(
        idempotent: Bool, forKey: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let reply: Reply
        do {
            reply = try await connection.exchange(deadline: deadline, write)
        } catch let error as CachesError {
            return try await owner(error).send(
                after: error, on: self, idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        if case .error(let answer) = reply {
            return try await owner(answer).send(
                afterAnswer: answer, on: self, idempotent: idempotent, forKey: forKey, deadline: deadline,
                write)
        }
        noteAnswer()
        return reply
    }

    /// A call was answered. Costs one atomic load while all is well.
    @usableFromInline
    func noteAnswer() {
        if isSuspect.load(ordering: .acquiring) { node?.noteAnswer() }
    }

    /// The node, which sees to what has failed.
    /// - Throws: The error, if there is no node any more.
    @usableFromInline
    package func owner(_ error: CachesError) throws(CachesError) -> Node {
        guard let node else { throw error }
        return node
    }

    /// The node, which sees to what a server has refused.
    /// - Throws: The answer, if there is no node any more.
    @usableFromInline
    func owner(_ answer: ServerError) throws(CachesError) -> Node {
        try owner(answer.error(node: name))
    }
}

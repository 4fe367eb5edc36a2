public import CachesTransport
internal import Synchronization

/// A connection of a node, as calls use it.
///
/// It is what a call holds on to while it waits. Public for code that is inlined where calls are made; what it is for,
/// ``Node`` offers.
public final class Line: Sendable {
    /// What the connection is known by.
    let number: Int
    @usableFromInline let connection: Connection

    /// nil once the pool is gone.
    package weak let node: Node?

    /// Whether the node wants to know that it answers.
    let isSuspect = Atomic(false)

    init(_ attempt: NodeStateMachine<Connection>.Attempt, of node: Node) {
        number = attempt.number
        connection = attempt.connection
        self.node = node
    }

    var attempt: NodeStateMachine<Connection>.Attempt { .init(number: number, connection: connection) }

    /// What the node is called.
    public var name: String { connection.configuration.name }

    /// As ``Node/send(idempotent:forKey:deadline:_:)``, over this connection as long as it is there.
    // Inlinable as far as all is well: see `Connection.send`. What is not well is handed on as it is: a variable of the
    // error's own type would be a part of each call's frame.
    @inlinable @inline(__always)
    public func send(
        idempotent: Bool, forKey: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let reply: Reply
        do {
            reply = try await connection.exchange(deadline: deadline, write)
        } catch {
            return try await send(
                after: error, idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        guard !reply.isError else {
            return try await send(
                afterAnswer: reply, idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        noteAnswer()
        return reply
    }

    /// What is done with a command that was not answered.
    @usableFromInline @inline(never)
    func send(
        after error: any Error, idempotent: Bool, forKey: Bool, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard let error = error as? CachesError, let node else { throw error }
        return try await node.send(
            after: error, on: self, idempotent: idempotent, forKey: forKey, deadline: deadline, write)
    }

    /// What is done with a command that was answered by an error.
    @usableFromInline @inline(never)
    func send(
        afterAnswer reply: Reply, idempotent: Bool, forKey: Bool, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard case .error(let answer) = reply else { return reply }
        guard let node else { throw answer.error(node: name) }
        return try await node.send(
            afterAnswer: answer, on: self, idempotent: idempotent, forKey: forKey, deadline: deadline, write)
    }

    /// A call was answered. Costs one atomic load while all is well.
    @usableFromInline
    func noteAnswer() {
        if isSuspect.load(ordering: .acquiring) { node?.noteAnswer() }
    }
}

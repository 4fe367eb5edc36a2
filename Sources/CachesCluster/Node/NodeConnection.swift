public import CachesTransport
internal import Synchronization

/// A connection of a node, as calls use it.
///
/// A call holds on to it while it waits. Public only because inlined code uses it; use ``Node`` instead.
public final class NodeConnection: NumberedConnection {
    let number: Int
    @usableFromInline let connection: Connection

    /// nil once the pool is gone.
    package weak let node: Node?

    /// Whether each call is observed: see ``CallObserver``.
    @usableFromInline let isObserved: Bool

    /// Whether the node waits for an answer as a sign of life.
    let isSuspect = Atomic(false)

    init(_ number: Int, _ connection: Connection, of node: Node) {
        self.number = number
        self.connection = connection
        self.node = node
        isObserved = node.hooks.observer != nil
    }

    /// The node's name.
    public var name: String { connection.configuration.name }

    /// As ``Node/send(idempotent:forKey:deadline:_:)``, over this connection while it lasts.
    // Only the case without errors is inlinable: see `Connection.send`. Failures are passed on untyped: a
    // variable of the error's own type would be a part of each call's frame.
    @inlinable @inline(__always)
    public func send(
        idempotent: Bool, forKey: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard !isObserved else {
            return try await sendObserved(
                idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        return try await sendUnobserved(idempotent: idempotent, forKey: forKey, deadline: deadline, write)
    }

    @usableFromInline @inline(never)
    func sendObserved(
        idempotent: Bool, forKey: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard let node else {
            return try await sendUnobserved(idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
        return try await node.observed(write) {
            try await sendUnobserved(idempotent: idempotent, forKey: forKey, deadline: deadline, write)
        }
    }

    @inlinable @inline(__always)
    func sendUnobserved(
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

    /// Continues with a command that was not answered.
    @usableFromInline @inline(never)
    func send(
        after error: any Error, idempotent: Bool, forKey: Bool, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard let error = error as? CachesError, let node else { throw error }
        node.noteFailure(error, on: self)
        let call = Node.Call(idempotent: idempotent, forKey: forKey, deadline: deadline)
        return try await node.finish(call, .failed(error, wasTried: true), write).only(from: node)
    }

    /// Continues with a command that was answered with an error: another server of the deployment may have to
    /// carry it out.
    @usableFromInline @inline(never)
    func send(
        afterAnswer reply: Reply, idempotent: Bool, forKey: Bool, deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard case .error(let answer) = reply else { return reply }
        let error = answer.error(node: name)
        guard let node else { throw error }
        node.noteFailure(error, on: self)
        let call = Node.Call(idempotent: idempotent, forKey: forKey, deadline: deadline)
        let attempt = try node.attempt(answeredBy: answer, error, on: self)
        return try await node.finish(call, attempt, write).only(from: node)
    }

    /// A call was answered. Costs one atomic load while all is well.
    @usableFromInline
    func noteAnswer() {
        if isSuspect.load(ordering: .acquiring) { node?.noteAnswer() }
    }
}

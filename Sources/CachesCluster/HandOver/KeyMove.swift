package import CachesTransport

// How a key gets from its old server O to its new one N while everybody uses it.
//
// Processes learn of a new configuration at different moments. There is no third party to ask, and no clock
// that all trust. But each server does one thing after another, and a script is one thing.
//
//     stage           a call on the key
//     (before)        is carried out at O
//     announced       is carried out at O, if no tombstone is there; else as below
//     handing over    is carried out at N, if a receipt is there; else the key is moved first
//     closing         is carried out at N, if a receipt is there; else a receipt is put there first
//     (after)         is carried out at N
//
// To move a key:
//
//  1. at O, in one step: put a *tombstone* (`caches:moved:…`), and read the value with its ttl;
//  2. at N, in one step, unless a *receipt* (`caches:arrived:…`) is there: store the value, put the receipt;
//  3. at O: remove the value.
//
// **At every moment one server owns the key.** It is O until N has the receipt. Between tombstone and receipt
// nobody changes the value at O, since a call under `announced` is one atomic step with its look at the
// tombstone; so everybody who reads the value there reads the same, whether the first or the tenth process
// that moves the key at that time. The first of them to reach N makes the receipt, and all others find it and
// change nothing. From then on nobody asks O. So calls on one key are carried out one after the other on one
// value: no call finds an older value, no call is lost, and a counter, a lock or a gate moves as safely as a
// cached page. No part of it depends on how long anything takes: a server or a process may sleep in the
// middle of a move, or end, and any other finishes the move.
//
// **Adjacent stages are compatible**, which is all that processes that differ by less than a stage need.
// *Before* and *announced* both use O, and nobody moves anything. *Announced* looks for the tombstones of
// *handing over*; a process that finds one knows that nobody is *before* any more, and acts as if its own
// time had come. *Closing* puts receipts where there are none, so that nobody moves a key after that; it
// keeps the value it finds at N, since *after* may have written it. (Raft changes its members by such an
// intermediate step, in which both configurations count: D. Ongaro, J. Ousterhout, "In Search of an
// Understandable Consensus Algorithm", 2014, section 6.)
//
// How one step combines a look at a tombstone and a call, which may be a script itself, a large write or a
// transaction: WATCH the tombstone; a script that touches the tombstone if it is there; MULTI; the call;
// EXEC, which does nothing if the tombstone was touched, or made, since it was watched. All of it is sent
// together, and other tasks' commands on the connection don't come in between.
// (https://redis.io/docs/latest/develop/using-commands/transactions/)
//
// What is not covered:
//
//  - *O can't be reached*: the key is taken for absent there, and counted as lost. N's value is kept if N has
//    O's identity, since then it may have O's data, and removed otherwise. (If O only doesn't answer in time,
//    the call fails, as it would have before.) While some processes reach O and others don't, and these are a
//    stage apart, the former may read an older value.
//  - *Markers that a full server evicts* within the stage: a lost receipt makes N ask O again, which has no
//    value any more; a lost tombstone lets *announced* write a value at O that is never read.
//  - *Processes that are more than a stage apart*, such as one that was never told: it uses O on its own.
//  - *The same hand-over once more*, after one that was broken off, while its markers are there: they have
//    the names of the new one's. A key with such a receipt is taken for arrived, and N's value of that time
//    is read. The process that broke it off refuses to begin it again (`BrokenHandOvers`); one that was
//    restarted meanwhile can't know.
//  - *Keys that nobody asked for within the window* stay at O. They are never read again, unless O becomes
//    the owner of the key once more while they are there: move them by `cachesctl rebalance`, or let them
//    have a ttl.

/// One key on its way from its old server to its new one, at a stage of the hand-over.
package final class KeyMove: Sendable {
    let key: String
    let old: Node
    package let new: Node
    let step: HandOverStep

    init(_ key: String, from old: Node, to new: Node, in step: HandOverStep) {
        self.key = key
        self.old = old
        self.new = new
        self.step = step
    }

    var tombstone: String { step.markers.moved(key) }
    var receipt: String { step.markers.arrived(key) }

    /// Whether the old server owns the key unless there is a tombstone.
    var isAnnounced: Bool { step.stage == .announced }
}

extension KeyMove {
    /// Sends the commands of one operation on the key to the server that owns it, and waits for the outcome.
    ///
    /// See ``Node/send(idempotent:deadline:_:)``.
    ///
    /// - Parameter count: How many commands there are: one on the key, and before it one on a companion.
    /// - Returns: The last reply, and the node that gave it.
    package func send(
        _ count: Int = 1, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> (reply: Reply, node: Node) {
        if isAnnounced {
            if let replies = try await old.sendUnlessMoved(
                [self], count: count, idempotent: idempotent, deadline, write)
            {
                return (try replies.outcome(from: old), old)
            }
        } else if idempotent {
            // Sending it too early does no harm: a value at the key before it has arrived does not count.
            let replies = try await new.pipeline(
                1 + count, idempotent: true, forKey: true, deadline: deadline
            ) { command in
                command.exists(receipt)
                write(&command)
            }
            if try replies[0].unlessError(from: new).requireInteger(from: new) == 1 {
                return (try replies.dropFirst().outcome(from: new), new)
            }
        }
        if let error = await [self].arrive(deadline: deadline)[0].failure { throw error }
        return (try await new.sendOperation(count, idempotent: idempotent, deadline: deadline, write), new)
    }
}

extension Collection<Reply> {
    /// The last reply of the commands of one operation.
    /// - Throws: The first error that a server answered to one of them.
    fileprivate func outcome(from node: Node) throws(CachesError) -> Reply {
        var last = Reply.null
        for reply in self { last = try reply.unlessError(from: node) }
        return last
    }
}

extension Node {
    /// Sends the commands of one operation on a key, and waits for the outcome.
    ///
    /// - Parameter count: How many commands there are: one on the key, and before it one on a companion.
    /// - Returns: The last reply.
    package func sendOperation(
        _ count: Int, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard count > 1 else {
            return try await send(idempotent: idempotent, forKey: true, deadline: deadline, write)
        }
        let call = Call(groups: [count], idempotent: idempotent, forKey: true, deadline: deadline)
        return try await carryOut(call, write).only(from: self)
    }
}

extension Node {
    /// Carries out commands as one, on a server from which keys are moving away, unless one of the keys has
    /// moved.
    ///
    /// - Parameters:
    ///   - moves: The keys that `write` uses and that are moving from this node, at least one.
    ///   - count: How many commands `write` writes.
    /// - Returns: One reply per command; nil if a key has moved, and then nothing was carried out.
    package func sendUnlessMoved(
        _ moves: [KeyMove], count: Int = 1, idempotent: Bool, _ deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply]? {
        let replies = try await pipeline(
            count + GuardedExchange.overhead, idempotent: idempotent, forKey: true, deadline: deadline
        ) { command in
            GuardedExchange.write(moves, to: &command, write)
        }
        return try GuardedExchange.replies(replies[...], of: count, from: self)
    }
}

/// Commands that are carried out as one unless one of their keys has moved: writes them, and reads their
/// replies.
enum GuardedExchange {
    /// How many commands are sent in addition to the guarded ones.
    static let overhead = 4

    /// Writes the commands, guarded.
    static func write(
        _ moves: [KeyMove], to command: inout CommandWriter, _ write: (inout CommandWriter) -> Void
    ) {
        let tombstones = moves.map(\.tombstone)
        command.begin(1 + tombstones.count)
        command.argument("WATCH")
        for tombstone in tombstones { command.argument(tombstone) }
        command.eval(
            HandOverScript.guardAgainstMoves, keys: tombstones,
            ["\(moves[0].step.markerMilliseconds)"])
        command.begin(1)
        command.argument("MULTI")
        write(&command)
        command.begin(1)
        command.argument("EXEC")
    }

    /// The replies of `count` guarded commands; nil if a key has moved.
    static func replies(
        _ replies: ArraySlice<Reply>, of count: Int, from node: Node
    ) throws(CachesError) -> [Reply]? {
        let first = replies.startIndex
        for reply in replies[first..<first + 3] { _ = try reply.unlessError(from: node) }
        guard let end = replies.last else { throw Reply.null.unexpected(from: node) }
        if case .error = end {
            // The reply to a command that could not be queued gives the reason; EXEC only says that there was
            // one.
            for reply in replies.dropLast() { _ = try reply.unlessError(from: node) }
        }
        if try end.unlessError(from: node).isNull { return nil }
        return Array(try end.requireArray(of: count, from: node))
    }
}

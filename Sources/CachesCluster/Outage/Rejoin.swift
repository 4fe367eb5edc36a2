internal import CachesTransport
internal import Logging

// How a node that was out returns: nothing innocent is removed, and no process that saw the outage reads a
// value from it that is older than one written meanwhile.
//
// **The idea.** While node X is out, other nodes serve its keys (memcached's designers call such servers the
// gutter: R. Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.3). Order the others by
// falling claim to a key: the first that is in use, S, carries out a write, and notes the key in X's
// *journal*; the second, T, notes it as well. The write is acknowledged when both have said yes. Each process
// decides by itself that X is out, and when to ask it again. When X answers, a process looks once at each of
// the others. If a node has notes, their keys are removed at X, then the notes, and the node is looked at
// again. A node without notes is *marked* in the same step: from then on it refuses to stand in for X, and
// tells callers that X is back. Then X is used.
//
// Not all of the others may answer, and some may have lost their notes. A process can't tell that from
// "nobody wrote". It removes nothing for that, and does not wait: it uses X at once, for all keys of which
// enough others were read. The rest are *in doubt* for some seconds: see ``DoubtRule``. A value in doubt is
// believed only if X says that it was written there after this process began to use X again; the script that
// writes a key in doubt leaves that word, `sure`, beside it. Otherwise a read finds nothing, which costs a
// computation. Meanwhile the missed looks are repeated.
//
// **Invariants.**
//
//  1. *Removal.* Only keys are removed at X that a note names, or that this process itself has sent to
//     stand-ins. A whole class is removed only if a full journal names the class. Nothing is ever
//     removed because something is unknown.
//  2. *Acknowledgement.* A write in place of X is acknowledged when two others hold its note (one, in a fleet
//     of two). Neither had a mark that the writer did not know. Otherwise the write fails.
//  3. *Pass.* Before a process uses X it has looked once at every other node that answers. If the look found
//     notes, their keys were removed at X, then the notes forgotten, then it looked again. If it found none,
//     it left a mark in the same step. From its first look until it uses X, or X is out once more, it writes
//     nothing in X's place. Until it uses X, the outage goes on, and its records stay: the return may fail at
//     its last step.
//  4. *Doubt.* For a process, a key of X is in doubt if two of the first three of its order after X did not
//     answer the look, or may have lost their memory since one deadline before X went out for that process.
//  5. *End.* Doubt ends when the missed looks have been repeated, or after 2 · `retry-cap` + 5 s. This
//     removes nothing.
//
// **What follows.** *No innocent loss*: only invariant 1 allows removals, and 5 adds none. *No stale read*: a
// write that was acknowledged before the last look at its holders began is removed at X before X is used, or
// its key is in doubt. *Progress*: a look takes `ping-timeout` at most and is made at all nodes at once;
// looks that take longer than that and 200 ms are finished while X is used.
//
// Nothing gets to X later, either. Commands that a process had sent to X, and X had not received, are taken
// back when X goes out for that process: the connection is reset, and no kernel sends them again. X carries
// out the commands that it had received before it answers anybody.
//
// A process holds back its writes while it returns, since nobody would remove one that is sent after its look
// and that the mark does not stop. The mark does not stop it if the process knew the mark when X went out, or
// if the mark was removed meanwhile: by a writer for whom X went out once more, or by a `FLUSHALL`.
//
// **How notes are told apart.** Each note has a random text. A process that stalls between reading a note and
// forgetting it must not forget a later one of the same key; numbers that begin at 1 once more would make it
// do so.
//
// **How a node's loss of notes is detected.** By its ``ServerMemory``, which a process learns when it
// connects, when another node goes out (it then leaves a marker, if it is the first of all), and at each
// look. A lost connection proves nothing: the server may be the same.
//
// **The journal makes it safe, not the lock.** A process that ends while it holds the ``Fence`` leaves notes,
// and the lock expires by itself. Removing a key twice, or one that was written at X meanwhile by a process
// that has passed, is a miss at worst.
//
// **The limit of any design.** Process P writes k in place of X, and is cut off from X; process Q gets
// answers from X, but not from those who noted k. To Q this looks as if nobody wrote. Waiting would last for
// ever; removing would be a guess. So all three hold if a holder of the note answers a process that reaches X
// before the doubt ends, or the writer itself reaches X by then.
//
// **What is not covered:**
//
//  - *A process that did not see the outage* reads X's values, old or not, until the first that did has
//    passed. An idle one that keeps its connection through a pause of the server is such a process, for
//    `ping-interval`.
//  - *Writers that are cut off from X while the reader is not*, for longer than the marks and doubts last,
//    unless a holder of their notes answers.
//  - *Both holders lost or unread, and the writer dead*, or not back before the doubt ends.
//  - *Four nodes or more, and a writer for whom two or more were out that the reader could ask.*
//  - *A fleet of two, whose other node has been out for this process alone*, for 30 s longer than X: it is
//    taken for dead.
//  - *A stand-in that was flushed before this process saw the outage*: the marker may have been left after
//    that.
//  - *An evicted journal of both holders.* Of all keys of a stand-in it is the one that every write touches.
//    And the clock of a holder's machine being set while its uptime is judged.
//  - *X's clock set back* between a write of a key in doubt and another process's pass.
//  - *X restarted from a snapshot* older than writes that it acknowledged, and a write that a network or a
//    proxy delivers after its connection was reset.
//  - *Processes that disagree about a third node* use different stand-ins meanwhile, and may read values
//    there that are as old as the policy's ttl.
//  - *Programs whose classes have the policy `.fail` for keys that others write by stand-ins*: they believe
//    X.
//  - *A hand-over of keys that are in doubt* moves X's values.

/// The steps of one process before it uses a node that has been out.
struct Rejoin: Sendable {
    let node: Node
    let roster: NodeRoster
    let outageLog: OutageLog
    let rules: ReturnRules

    private let others: [Node]

    init(_ node: Node, roster: NodeRoster, outageLog: OutageLog, rules: ReturnRules) {
        self.node = node
        self.roster = roster
        self.outageLog = outageLog
        self.rules = rules
        others = roster.others(than: node)
    }

    /// Returns when the node can be used.
    func run() async throws {
        guard !others.isEmpty else { return }
        let start = rules.sureSince == .begin ? try await time() : 0
        for other in others where other.isOut { other.askAgain() }
        try await beginGeneration()
        // In a fleet of two a dead node would put all keys in doubt at each return; in a larger fleet other
        // nodes are read as well.
        let asked = others.count > 1 ? others : others.filter { !outageLog.isDead($0, for: node) }
        let looks = await look(at: asked)
        try Task.checkCancellation()
        var unread = looks.unread
        for other in asked
        where looks.marks[other.identity] != nil && rules.mayHaveLost(other, for: node, by: outageLog) {
            unread[other.identity] = .lost
        }
        if rules.removesUnknown, !unread.isEmpty { try await node.remove("*") }
        guard !unread.isEmpty else {
            return outageLog.willComeBack(node, marks: looks.marks, doubt: nil, isInDoubt: false)
        }
        let isInDoubt = rules.doubts && roster.canDoubt(node, unread: Set(unread.keys))
        // Notes of these keys may be among the unread ones.
        if isInDoubt { try await forgetOwn() }
        let since = rules.sureSince == .begin ? start : try await time()
        let doubt = Doubt(unread: unread, since: since, end: .now + node.healthConfiguration.doubtBound)
        outageLog.willComeBack(node, marks: looks.marks, doubt: doubt, isInDoubt: isInDoubt)
        if isInDoubt {
            node.logger.debug(
                "node is used again, some of its keys are in doubt",
                metadata: [
                    "node": "\(node.name)", "unread": "\(unread.count) of \(others.count)",
                    "for": "\(node.healthConfiguration.doubtBound.inUnits) at most",
                ])
        }
    }

    // MARK: The looks

    /// Looks at some of the others, all at once, until each has no notes or does not answer, or the time is
    /// over.
    private func look(at asked: [Node]) async -> Looks {
        let inquiries = Inquiries(for: node, at: asked, outageLog: outageLog, persists: rules.waitsForSilent)
        guard !asked.isEmpty else { return inquiries.outcome }
        // After that the node is used, and the remaining work is done meanwhile.
        let patience =
            rules.waitsForSilent ? .seconds(3600) : node.healthConfiguration.pingTimeout + .milliseconds(200)
        await withTaskGroup(of: Bool.self) { group in
            for other in asked { group.addTask { await inquiries.ask(other) } }
            group.addTask {
                try? await Task.sleep(for: patience)
                return true
            }
            for await isOver in group where isOver { break }
            inquiries.giveUp()
            group.cancelAll()
        }
        return inquiries.outcome
    }

    // MARK: At the node itself

    /// Ends the values that the node keeps in place of others: while it was out, others stood in for them,
    /// too. They include a write that was sent to it before and that it carried out only when it was resumed.
    private func beginGeneration() async throws {
        let age = Int64(outageLog.timeOut(of: node) / .milliseconds(1))
        // As long as a value is kept at most: values stored before there was a generation are gone by then,
        // too.
        let ttl = Int64(OutagePolicy.longestGutterTTL / .milliseconds(1))
        // A name of its own, not a number: a forgotten one does not come up again with values that are left.
        let reply = try await atNode { command in
            command.eval(
                StandInScript.beginGeneration, keys: [StandInKeys.generation],
                [RandomName.next(), "\(ttl)", "\(age)"])
        }
        do throws(CachesError) {
            _ = try reply.unlessError(from: node)
        } catch {
            // A user without this right may run no scripts there either, and never had it stand in.
            guard error.meansForbidden else { throw error }
        }
    }

    /// Removes the keys that this process itself has written in place of the node.
    private func forgetOwn() async throws {
        let own = outageLog.ownKeys(of: node).map { Bytes($0.utf8) }
        for start in stride(from: 0, to: own.count, by: 1000) {
            do {
                try await node.unlinkWhileOut(Array(own[start..<min(start + 1000, own.count)]))
            } catch let error as CachesError where error.meansForbidden {
                // They are in doubt anyway.
                return
            }
        }
    }

    /// The node's own clock, in milliseconds. If the node does not tell, a time that never comes: nothing is
    /// sure then.
    private func time() async throws -> Int64 {
        // A script, since proxies that know no `TIME` pass it on.
        let reply = try await atNode { $0.eval(StandInScript.time, keys: [StandInKeys.generation], []) }
        return ServerTime(reply)?.milliseconds ?? .max
    }

    /// Asks the node itself, which is still out for everybody else.
    private func atNode(_ write: (inout CommandWriter) -> Void) async throws -> Reply {
        try await node.carryOut(node.readmissionCall(), write).replies[0]
    }
}

internal import CachesTransport
internal import Logging

// How a node that was out returns: nothing innocent is removed, and nobody who saw the outage reads from it what is
// older than what was written meanwhile.
//
// **The idea.** While node X is out, other nodes serve its keys (memcached's designers call such servers the gutter:
// R. Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.3). Of the others by falling claim to a key,
// the first that is in use, S, carries out a write, and notes the key in X's *journal*; the second, T, notes it as well.
// The write is acknowledged when both have said yes. Each process decides by itself that X is out, and when to ask it
// again. When X answers, a process looks once at each of the others. A node with notes has its keys removed at X, then
// the notes, and is looked at again. A node without notes is *marked* in the same step: from then on it refuses to stand
// in for X, and tells who asks that X is back. Then X is used.
//
// The others may not all answer, or may have lost their notes. A process can't tell that from "nobody wrote". It removes
// nothing for that, and does not wait: it uses X at once, for all keys of which enough others were read. The rest are
// *in doubt* for some seconds: see ``DoubtRule``. What is in doubt is believed only if X says that it was written there
// after this process began to use X again; the script that writes a key in doubt leaves that word, `sure`, beside it.
// Otherwise a read finds nothing, which costs a computation. Meanwhile the looks are made up for.
//
// **Invariants.**
//
//  1. *Removal.* At X only that is removed which a note names, or which this process itself has sent to stand-ins. A
//     whole class goes only where a full journal names the class. Nothing is ever removed because something is not known.
//  2. *Acknowledgement.* A write in place of X is acknowledged when two others hold its note (one, in a fleet of two).
//     Neither had a mark that the writer did not know. Otherwise the write fails.
//  3. *Pass.* Before a process uses X it has looked once at every other node that answers. Where the look found notes,
//     they were removed at X, then forgotten, then it looked again. Where it found none, it left a mark in the same step.
//     From its first look until it uses X, or X is out once more, it writes nothing in X's place. Until it uses X, the
//     outage goes on, and what is remembered of it stays: the return may fail at its last step.
//  4. *Doubt.* For a process, a key of X is in doubt if two of the first three of its order after X did not answer the
//     look, or may have lost their memory since X went out for it, less one deadline.
//  5. *End.* Doubt ends when the looks have been made up for, or after 2 · `retry-cap` + 5 s. By that nothing is removed.
//
// **What follows.** *No innocent loss*: steps 1 and 5 are the only ones that remove. *No stale read*: a write that was
// acknowledged before the last look at its holders began is removed at X before X is used, or its key is in doubt.
// *Progress*: a look takes `ping-timeout` at most and is made at all nodes at once; what takes longer than that
// and 200 ms is made up for while X is used.
//
// Nothing gets to X later, either. What a process had sent to X, and X had not received, is taken back when X goes out
// for that process: the connection is reset, and no kernel sends it again. What X had received, it carries out before it
// answers anybody.
//
// A process waits with its writes while it returns, since nobody would remove one that is sent after its look and that the
// mark does not stop. A mark does not stop it if it is one that the process knew when X went out, or if it was taken away
// meanwhile: by a writer for whom X went out once more, or by a `FLUSHALL`.
//
// **What tells notes apart.** Each note has a random text. A process that stalls between reading a note and forgetting it
// must not forget a later one of the same key; numbers that begin at 1 once more would have it do so.
//
// **What tells that a node lost its notes.** Its ``ServerMemory``, which a process learns when it connects, when another
// node goes out (it then leaves a marker, as the first of all), and at each look. A connection that was lost says nothing:
// the server may be the same.
//
// **What makes it safe is the journal, not the lock.** A process that ends while it holds the ``Fence`` leaves notes, and the
// lock ends by itself. To remove a key twice, or one that was written at X meanwhile by a process that has passed, is a miss
// at the worst.
//
// **What no design can give.** Process P writes k in place of X, and is cut off from X; process Q sees X answer, and none of
// those who noted k. For Q that looks as if nobody wrote. To wait would be for ever; to remove would be by a guess. So all
// three hold if a holder of the note answers somebody who reaches X before the doubt ends, or the writer itself does.
//
// **What is not covered:**
//
//  - *A process that did not see the outage* reads from X what X has, old or not, until the first that did has passed. An
//    idle one that keeps its connection through a pause of the server is such a one, for `ping-interval`.
//  - *Writers that are cut off from X while the reader is not*, for longer than the marks and doubts last, unless a holder
//    of their notes answers.
//  - *Both holders lost or unread, and the writer dead*, or not back before the doubt ends.
//  - *Four nodes or more, and a writer for whom two or more were out that the reader could ask.*
//  - *A fleet of two, whose other node has been out for this process alone*, for 30 s longer than X: it is taken for dead.
//  - *A stand-in that was flushed before this process saw the outage*: the marker may be of after that.
//  - *An evicted journal of both holders.* Of all keys of a stand-in it is the one that every write touches. And a clock of
//    a holder's machine that is set while its uptime is judged.
//  - *X's clock set back* between a write of a key in doubt and another process's pass.
//  - *X restarted from a snapshot* older than writes that it acknowledged, and a write that a network or a proxy delivers
//    after its connection was reset.
//  - *Processes that disagree about a third node* use different stand-ins meanwhile, and may read there what is as old as
//    the policy's ttl.
//  - *Programs whose classes have the policy `.fail` for keys that others write by stand-ins*: they take X's word.
//  - *A hand-over of keys that are in doubt* moves what X has.

/// What one process does before it uses a node that has been out.
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
        // In a fleet of two a dead node would put all keys in doubt at each return, and others are read besides it in a
        // larger one.
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
        // Notes of these may be among those that were not read.
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

    /// Looks at some of the others, all at once, until each has no notes or does not answer, or the time is over.
    private func look(at asked: [Node]) async -> Looks {
        let inquiries = Inquiries(for: node, at: asked, outageLog: outageLog, persists: rules.waitsForSilent)
        guard !asked.isEmpty else { return inquiries.outcome }
        // After that the node is used, and what is left to do is done meanwhile.
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

    /// Ends what the node keeps in place of others: while it was out, others stood in for them, too. A write that
    /// was sent to it before and that it did only when it was resumed is among that.
    private func beginGeneration() async throws {
        let age = Int64(outageLog.timeOut(of: node) / .milliseconds(1))
        // As long as a value is kept at most: what was stored before there was any is gone by then, too.
        let ttl = Int64(OutagePolicy.longestGutterTTL / .milliseconds(1))
        // A name of its own, and no number: one that has been forgotten does not come up again with values that are left.
        let reply = try await atNode { command in
            command.eval(
                StandInScript.beginGeneration, keys: [StandInKeys.generation],
                [RandomName.next(), "\(ttl)", "\(age)"])
        }
        do throws(CachesError) {
            _ = try reply.unlessError(from: node)
        } catch {
            // Who may not do that may run no scripts there either, and never had it stand in.
            guard error.meansForbidden else { throw error }
        }
    }

    /// Removes what this process itself has written in place of the node.
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

    /// The node's own clock, in milliseconds. Where it does not tell, a time that never comes: nothing is sure then.
    private func time() async throws -> Int64 {
        // As a script, which proxies pass on that know no `TIME`.
        let reply = try await atNode { $0.eval(StandInScript.time, keys: [StandInKeys.generation], []) }
        return ServerTime(reply)?.milliseconds ?? .max
    }

    /// Asks the node itself, which is still out for everybody else.
    private func atNode(_ write: (inout CommandWriter) -> Void) async throws -> Reply {
        try await node.carryOut(node.readmissionCall(), write).replies[0]
    }
}

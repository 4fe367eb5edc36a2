import CachesTransport

// How a node that was out returns, and nobody who saw the outage reads from it what is older than what was written
// meanwhile.
//
// While node X is out, the next node by falling claim to a key, S, stands in for it (memcached's designers call such a
// pool of spare servers the gutter: R. Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.3). A
// write there is one script, which also notes the key in X's journal on S. Each process decides by itself that X is
// out, and when to ask it again. When X answers, every process passes these steps before it uses X, and the first
// does the work for all:
//
//  1. For each other node: if it has no notes for X, put a *mark* there that X is back, in one step with the look.
//     From then on it refuses to stand in for X, and who asks learns that X is back. This is done twice, until the
//     marks are the same: somebody who has seen X fail once more may have taken one away.
//  2. If some have notes: whoever gets the fence's lock on X removes at X what they name, then the notes, unless they
//     were made once more meanwhile, and then step 1 again. Who doesn't get the lock waits and begins again.
//
// **When a process has passed, X has nothing that is older than what any process wrote on a stand-in**, since at the
// moment of each mark all that was noted before is removed at X, and nothing is noted after it while the mark is
// there. It stays for `markTTL`, longer than processes that can reach X take to find that out by themselves. Who has
// seen the mark and then sees X fail again, takes it away: that is another outage.
//
// Nor does it get anything older later. What a process had sent to X, and X had not received, is taken back when X goes
// out for that process: the connection is reset, and no kernel sends it again. What X had received, it carries out
// before it answers anybody (a server that was stopped finds all that arrived meanwhile at once).
//
// What makes it safe is the journal, not the lock: a process that ends while it holds the fence leaves notes, and the
// lock ends by itself. Removing a key twice, or one that was written at X meanwhile by a process that has passed, is a
// miss at the worst. A second outage during the steps ends them; the notes are there for the next time.
//
// What the notes can't say makes X lose all single values (strings), which is a restart without data, and safe. Who
// does that writes down when, at X, so that the others don't do it again:
//
//  - *A stand-in that had to be connected to anew* after X went out: its notes may be gone.
//  - *A node that is out, too*, for this process at least: it may have notes. Unless somebody has just passed who could
//    ask all, or it went out so long before X that it is dead for everybody.
//
// A journal that would grow beyond `StandIn.mostNotes` keys notes the first part of a key instead, and all keys that
// begin so are removed at X.
//
// What is not covered:
//
//  - *A process that did not see the outage*: it reads from X what X has, old or not, until the first that did has
//    passed. An idle one that keeps its connection through a pause of the server is such a one, for `pingInterval`.
//  - *A process that can't reach X while others can*, for longer than the mark is there: it goes on with stand-ins, and
//    the others don't see what it writes.
//  - *A write that a network or a proxy holds back on its way*, though its sender has reset the connection, and delivers
//    after others have returned to X.
//  - *A write to a stand-in that failed*, since that hung, and is done later: it is like any write of which it is not
//    known whether it was done, until the stand-in itself is used again.
//  - *Processes that disagree about a third node* use different stand-ins for a key meanwhile, and may read what is
//    as old as the policy's ttl.
//  - *A stand-in so full that it evicts the journal*: of all its keys, the one that every write touches goes last.

/// What one process does before it uses a node that has been out.
struct Rejoin: Sendable {
    let node: Node
    let others: [Node]
    let ledger: OutageLedger

    private let keys: StandInKeys

    /// How long the marks are kept.
    private let markTTL: Duration

    init(_ node: Node, others: [Node], ledger: OutageLedger) {
        self.node = node
        self.others = others
        self.ledger = ledger
        keys = StandInKeys(for: node.configuration.identity)
        markTTL = node.healthConfiguration.retryCap * 2 + .seconds(5)
    }

    /// Returns when the node can be used.
    func run() async throws {
        guard !others.isEmpty else { return }
        // A user who may not ask leaves it to others to write down that they passed.
        let begin = try? await time()
        try await beginGeneration()
        var last: [String: String] = [:]
        while true {
            let notes = others.map { ledger.notes(of: $0, for: node) }
            if notes.contains(where: { $0 != .readable }), try await mayHaveWhatIsOld(notes) {
                try await underFence { if try await mayHaveWhatIsOld(notes) { try await removeEverything() } }
                continue
            }
            guard let states = try await close() else {
                try await pause()
                continue
            }
            let noted = states.filter { $0.mark == nil }.map(\.node)
            if !noted.isEmpty {
                try await underFence { for other in noted { try await seeTo(other) } }
                continue
            }
            let marks = Dictionary(
                states.map { ($0.node.name, $0.mark ?? "") }, uniquingKeysWith: { first, _ in first })
            guard marks == last else {
                last = marks
                continue
            }
            if let begin, states.count == others.count { try? await write(begin, to: keys.passed) }
            return ledger.cameBack(node, marks: states.map { ($0.node, $0.mark ?? "") })
        }
    }

    /// Step 1, for all others that are in use.
    /// - Returns: For each its mark, nil if it has notes; nil in place of all if one of them does not answer. It does in a
    ///   moment, or it is found out and looked at as such in a later round: this node is not to wait for longer than that.
    private func close() async throws -> [(node: Node, mark: String?)]? {
        let mark = Self.newName()
        return try await withThrowingTaskGroup(of: (node: Node, mark: String?)?.self) { group in
            for other in others where !other.isOut {
                group.addTask {
                    do {
                        let reply = try await other.send(idempotent: true, deadline: other.deadline()) {
                            command in
                            command.eval(
                                StandInScript.close, keys: [keys.journal, keys.back],
                                [mark, "\(Int(markTTL / .milliseconds(1)))"])
                        }
                        let state = try reply.requireArray(of: 2, from: other)
                        let isNoted = try state[state.startIndex].requireInteger(from: other) > 0
                        return (
                            node: other,
                            mark: isNoted ? nil : state[state.index(after: state.startIndex)].text
                        )
                    } catch let error as CachesError where error.meansForbidden {
                        // Who may not run scripts there can't have had it stand in.
                        return (node: other, mark: "")
                    } catch let error as CachesError where error.isSilence || other.isOut {
                        return nil
                    }
                }
            }
            var states: [(node: Node, mark: String?)]? = []
            for try await state in group {
                if let state { states?.append(state) } else { states = nil }
            }
            return states
        }
    }

    /// Ends what the node itself keeps in place of others: while it was out, others stood in for them, too. A write that
    /// was sent to it before and that it did only when it was resumed is among that.
    private func beginGeneration() async throws {
        // A name of its own, and no number: one that has been forgotten does not come up again with values that are left.
        let generation = Self.newName()
        // As long as a value is kept at most: what was stored before there was any is gone by then, too.
        let milliseconds = Int64(OutagePolicy.longestGutterTTL / .milliseconds(1))
        let replies = try await onNode(1) { command in
            command.words("SET", StandInKeys.generation, generation, "PX", "\(milliseconds)")
        }
        do throws(CachesError) {
            _ = try replies[0].unlessError(from: node)
        } catch {
            // Who may not do that may run no scripts there either, and never had it stand in.
            guard error.meansForbidden else { throw error }
        }
    }

    // MARK: The work

    /// Step 2 for one of the others: removes what it has noted.
    private func seeTo(_ other: Node) async throws {
        var cursor = "0"
        repeat {
            let scan = try await other.send(idempotent: true, deadline: other.deadline()) {
                [cursor] command in
                command.words("HSCAN", keys.journal, cursor, "COUNT", "500")
            }
            let (next, items) = try scan.requireScan(from: other)
            cursor = next
            try await seeTo(items.compactMap(\.bytes), on: other)
        } while cursor != "0"
    }

    /// Sees to a page of notes: fields, each with its number.
    private func seeTo(_ notes: [Bytes], on other: Node) async throws {
        guard !notes.isEmpty else { return }
        let entries = stride(from: 0, to: notes.count - 1, by: 2).compactMap {
            JournalEntry(field: notes[$0])
        }
        var removed: [String] = []
        for entry in entries {
            switch entry {
            case .key(let key): removed.append(key)
            case .scope(let scope):
                try await remove(Glob.escaping(scope).pattern + "*", pipeline: onNode)
                let copies =
                    Glob.escaping(keys.copyPrefix).pattern + "*:" + Glob.escaping(scope).pattern + "*"
                try await remove(copies, isReserved: true) { count, write in
                    try await other.pipeline(count, idempotent: true, deadline: other.deadline(), write)
                }
            }
        }
        if !removed.isEmpty { try await unlink(removed.map { Bytes($0.utf8) }, pipeline: onNode) }
        _ = try await other.send(idempotent: true, deadline: other.deadline()) { command in
            command.begin(6 + notes.count)
            command.argument("EVAL")
            command.argument(StandInScript.forget)
            command.argument(2)
            command.argument(keys.journal)
            command.argument(StandInKeys.generation)
            command.argument(keys.copyPrefix)
            for note in notes { command.argument(note) }
        }
    }

    /// Whether nobody has seen to what the notes that are hidden or lost may have said, since the outage began.
    private func mayHaveWhatIsOld(_ notes: [OutageRecords.Notes]) async throws -> Bool {
        let replies = try await onNode(1) { command in
            command.words("MGET", keys.flushed, keys.passed)
        }
        let times = try replies[0].unlessError(from: node).requireArray(of: 2, from: node).map {
            $0.text.flatMap { Int($0) } ?? 0
        }
        let now = try await time()
        let start = now - Int(ledger.length(of: node) / .milliseconds(1))
        let (flushed, passed) = (times[0], times[1])
        if notes.contains(.lost), flushed <= start { return true }
        // After that long, somebody may have begun to take notes again.
        let fresh = now - Int(markTTL / .milliseconds(1))
        return notes.contains(.hidden) && max(flushed, passed) <= max(start, fresh)
    }

    /// Removes every single value, and writes that down.
    private func removeEverything() async throws {
        let start = try await time()
        try await remove("*", pipeline: onNode)
        try await write(start, to: keys.flushed)
    }

    private func write(_ time: Int, to key: String) async throws {
        _ = try await onNode(1) { command in
            command.words("SET", key, "\(time)", "EX", "3600")
        }
    }

    /// The node's own clock, in milliseconds.
    private func time() async throws -> Int {
        let replies = try await onNode(1) { command in
            command.begin(1)
            command.argument("TIME")
        }
        let parts = try replies[0].unlessError(from: node).requireArray(of: 2, from: node)
            .map { $0.text.flatMap { Int($0) } }
        guard let seconds = parts[0], let microseconds = parts[1] else {
            throw replies[0].unexpected(from: node)
        }
        return seconds * 1000 + microseconds / 1000
    }

    /// Removes the single values whose keys match a pattern.
    private func remove(_ pattern: String, isReserved: Bool = false, pipeline: Pipeline) async throws {
        var cursor = "0"
        repeat {
            let replies = try await pipeline(1) { [cursor] command in
                command.words("SCAN", cursor, "MATCH", pattern, "COUNT", "1000", "TYPE", "string")
            }
            let (next, items) = try replies[0].unlessError(from: node).requireScan(from: node)
            cursor = next
            let keys = items.compactMap(\.bytes).filter { isReserved || !ReservedKeys.contains($0) }
            if !keys.isEmpty { try await unlink(keys, pipeline: pipeline) }
        } while cursor != "0"
    }

    private func unlink(_ keys: [Bytes], pipeline: Pipeline) async throws {
        let replies = try await pipeline(1) { command in
            command.begin(1 + keys.count)
            command.argument("UNLINK")
            for key in keys { command.argument(key) }
        }
        _ = try replies[0].unlessError(from: node)
    }

    private typealias Pipeline = (Int, (inout CommandWriter) -> Void) async throws -> [Reply]

    /// Asks the node itself, which is still out for everybody else.
    private func onNode(_ count: Int, _ write: (inout CommandWriter) -> Void) async throws -> [Reply] {
        try await node.pipelineWhileOut(count, deadline: node.deadline(), write)
    }

    // MARK: The fence

    /// Does some work if nobody else does it, else waits a moment.
    private func underFence(_ work: () async throws -> Void) async throws {
        let token = Self.newName()
        let replies = try await onNode(1) { command in
            // It ends by itself: soon enough to be waited for after a crash. To work without it does no harm.
            command.words("SET", keys.fence, token, "NX", "PX", "5000")
        }
        guard try !replies[0].unlessError(from: node).isNull else {
            return try await pause()
        }
        try await work()
        _ = try await onNode(1) { command in
            command.begin(2)
            command.argument("UNLINK")
            command.argument(keys.fence)
        }
    }

    /// A name that nothing else has.
    private static func newName() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

    private func pause() async throws { try await Task.sleep(for: .milliseconds(Int.random(in: 20...60))) }
}

extension CachesError {
    /// Whether there was no answer, for which the next one may be.
    fileprivate var isSilence: Bool {
        switch code {
        case .timeout, .connectionLost, .unreachable, .overloaded: true
        default: false
        }
    }
}

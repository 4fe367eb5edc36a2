internal import CachesTransport

/// ``OutageRecords`` under a lock, addressed by nodes.
final class OutageLog: Sendable {
    private let state = Locked(OutageRecords())

    /// The tasks that repeat missed looks, one for each node with keys in doubt.
    private let watches = Locked<[String: Task<Void, Never>]>([:])

    deinit { endWatches() }

    /// The mark by which a node, when another last came back, said that it no longer stands in for it. nil:
    /// this process did not see the other come back.
    func mark(of absent: Node, on standIn: Node) -> String? {
        state.withLock { $0.marks[absent.identity]?[standIn.identity] }
    }

    /// How often a node went out.
    func count(of node: Node) -> Int { state.withLock { $0.counts[node.identity] ?? 0 } }

    /// A node has reported its memory.
    func learned(_ reply: MemoryReply, of node: Node) {
        state.withLock {
            $0.learned(
                reply.memory, uptime: reply.uptime, markerLeft: reply.markerLeft, of: node.identity, now: .now
            )
        }
    }

    /// Whether any node is out, or has keys in doubt.
    var hasOutages: Bool { state.withLock { !$0.outages.isEmpty } }

    /// A node has gone out.
    func wentOut(_ node: Node) {
        state.withLock { $0.wentOut(node.identity, now: .now) }
        node.setInDoubt(false)
        watches.withLock { $0.removeValue(forKey: node.identity) }?.cancel()
    }

    /// A key is about to be written in place of a node that is out.
    func willWrite(_ key: String, for node: Node) {
        state.withLock { _ = $0.willWrite(key, for: node.identity, now: .now) }
    }

    /// The keys that this process has written in place of a node.
    func ownKeys(of node: Node) -> Set<String> { state.withLock { $0.outages[node.identity]?.own ?? [] } }

    /// Whether a node may have lost its notes for another.
    func mayHaveLost(_ other: Node, for node: Node, margin: Duration) -> Bool {
        state.withLock { $0.mayHaveLost(other.identity, for: node.identity, margin: margin) }
    }

    /// Whether a node has been out for so much longer than another that it took no notes for it.
    func isDead(_ other: Node, for node: Node) -> Bool {
        other.isOut && state.withLock { $0.isDead(other.identity, for: node.identity) }
    }

    /// How long a node has been out, without being used in between.
    func timeOut(of node: Node) -> Duration { state.withLock { $0.timeOut(of: node.identity, now: .now) } }

    /// A node is about to be used again.
    func willComeBack(_ node: Node, marks: [String: String], doubt: Doubt?, isInDoubt: Bool) {
        state.withLock {
            $0.willComeBack(node.identity, marks: marks, doubt: doubt, isInDoubt: isInDoubt)
        }
        node.setInDoubt(isInDoubt)
    }

    /// A node is used again.
    func cameBack(_ node: Node) { state.withLock { $0.cameBack(node.identity) } }

    /// The keys of a node that are in doubt; nil for none.
    func doubt(of node: Node) -> Doubt? {
        guard node.isInDoubt else { return nil }
        return state.withLock { $0.doubts[node.identity] }
    }

    /// The unread notes of a node that is used again; nil if all have been read.
    func unread(for node: Node) -> Doubt? { state.withLock { $0.doubts[node.identity] } }

    /// The notes of one of the others have been processed after all.
    func read(_ other: Node, for node: Node, mark: String?, hasLost: Bool) {
        state.withLock { $0.read(other.identity, for: node.identity, mark: mark, hasLost: hasLost) }
    }

    /// No key of a node is in doubt any more.
    func endDoubt(of node: Node) {
        state.withLock { $0.endDoubt(of: node.identity) }
        node.setInDoubt(false)
    }

    // MARK: Repeated looks

    /// Keeps a task that repeats looks until it ends, the node goes out, or the pool is gone.
    func keep(_ watch: Task<Void, Never>, for node: Node) {
        watches.withLock { $0.updateValue(watch, forKey: node.identity) }?.cancel()
    }

    /// The pool closes.
    func endWatches() {
        for watch in watches.withLock({ watches in
            defer { watches = [:] }
            return Array(watches.values)
        }) { watch.cancel() }
    }
}

extension Node {
    /// The name of the node's data, wherever it runs.
    var identity: String { configuration.identity }
}

extension ReturnRules {
    /// Whether a node that answers may have lost its notes for another.
    func mayHaveLost(_ other: Node, for node: Node, by outageLog: OutageLog) -> Bool {
        knowsMemory && outageLog.mayHaveLost(other, for: node, margin: lossMargin ?? node.defaultDeadline)
    }
}

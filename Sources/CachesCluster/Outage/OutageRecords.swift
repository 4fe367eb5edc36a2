/// A process's records of the outages of a pool's nodes, by node identity.
///
/// A value without I/O and without a clock. ``OutageLog`` keeps it under its lock.
struct OutageRecords: Hashable, Sendable {
    struct Outage: Hashable, Sendable {
        /// When it began. The node may have been used since then, with keys in doubt, and have gone out once
        /// more.
        let start: ContinuousClock.Instant

        /// Keys that this process has sent to stand-ins, whether or not anybody acknowledged them.
        var own: Set<String> = []
    }

    /// How many of its own keys a process remembers for a node that is out. Default 16 384: some 2 MB. The
    /// rest is still noted on two others.
    static let mostOwn = 16_384

    /// A node that has been out for so much longer than another is assumed to be dead for everybody, and to
    /// have no notes: see ``Rejoin``, if it is the only other node.
    static let dead = Duration.seconds(30)

    private(set) var outages: [String: Outage] = [:]

    /// The unread notes of nodes that are used again. They outlive the doubt: notes that are found later are
    /// processed.
    private(set) var doubts: [String: Doubt] = [:]

    /// For each node that is out, the marks on the others from its earlier returns. Only a process that sees
    /// a node go out after it was marked may remove the mark. So marks count as known once the node goes out,
    /// not when it is marked: a call that still finds it out at that moment must be told that it is back.
    private(set) var marks: [String: [String: String]] = [:]

    /// For each node, the marks seen last.
    private var latestMarks: [String: [String: String]] = [:]

    /// The nodes that are about to be used again, and whether with keys in doubt.
    private(set) var returns: [String: Bool] = [:]

    /// How often each node went out.
    private(set) var counts: [String: Int] = [:]

    /// When each node went out last: from then until it is used again it takes no notes.
    private var lastOut: [String: ContinuousClock.Instant] = [:]

    /// The nodes that have gone out and not been used since. A return that fails does not change this.
    private var unused: Set<String> = []

    private var memories: [String: KnownMemory] = [:]

    /// A server has reported its memory.
    mutating func learned(
        _ memory: ServerMemory, uptime: Duration, markerLeft: Duration = StandInKeys.memoryTTL,
        of node: String, now: ContinuousClock.Instant
    ) {
        memories[node] = KnownMemory(
            memory, uptime: uptime, markerLeft: markerLeft, after: memories[node], now: now)
    }

    /// A node has gone out. If it was on its way back, or keys of it are in doubt, the outage is still the
    /// same.
    mutating func wentOut(_ node: String, now: ContinuousClock.Instant) {
        doubts[node] = nil
        returns[node] = nil
        marks[node] = latestMarks[node]
        counts[node, default: 0] += 1
        if unused.insert(node).inserted { lastOut[node] = now }
        if outages[node] == nil { outages[node] = Outage(start: now) }
    }

    /// A key is about to be written in place of a node that is out.
    /// - Returns: Whether it is remembered.
    @discardableResult
    mutating func willWrite(_ key: String, for node: String, now: ContinuousClock.Instant) -> Bool {
        if outages[node] == nil { outages[node] = Outage(start: now) }
        guard let count = outages[node]?.own.count,
            count < Self.mostOwn || outages[node]?.own.contains(key) == true
        else { return false }
        outages[node]?.own.insert(key)
        return true
    }

    /// Whether a node may have lost its notes for another that is out.
    ///
    /// - Parameter margin: How long before the outage a write that is acknowledged during it may have begun:
    ///   the longest deadline. One of its two notes may have been lost by then.
    func mayHaveLost(_ other: String, for node: String, margin: Duration) -> Bool {
        guard let outage = outages[node] else { return false }
        guard let known = memories[other] else { return true }
        return known.mayHaveLost(notedAfter: outage.start - margin)
    }

    /// Whether a node has been out for so much longer than another that it took no notes for it.
    func isDead(_ other: String, for node: String) -> Bool {
        guard let outage = outages[node], let lastOut = lastOut[other] else { return false }
        return outage.start - lastOut > Self.dead
    }

    /// How long a node has been out, without being used in between.
    func timeOut(of node: String, now: ContinuousClock.Instant) -> Duration {
        lastOut[node].map { now - $0 } ?? .zero
    }

    /// A node is about to be used again. Until then the outage goes on: the return may still fail.
    ///
    /// - Parameters:
    ///   - marks: The mark on each of the others.
    ///   - doubt: The unread notes; nil if all have been read.
    ///   - isInDoubt: Whether any key can therefore be older there.
    mutating func willComeBack(_ node: String, marks: [String: String], doubt: Doubt?, isInDoubt: Bool) {
        latestMarks[node, default: [:]].merge(marks) { $1 }
        doubts[node] = doubt
        returns[node] = isInDoubt
    }

    /// A node is used again.
    mutating func cameBack(_ node: String) {
        unused.remove(node)
        if returns.removeValue(forKey: node) == false { end(node) }
    }

    /// One of the others has been read after all.
    /// - Parameter hasLost: Whether it may have lost its notes.
    mutating func read(_ other: String, for node: String, mark: String?, hasLost: Bool) {
        guard doubts[node] != nil else { return }
        doubts[node]?.unread[other] = hasLost ? .lost : nil
        if let mark { latestMarks[node, default: [:]][other] = mark }
        forgetDoubtIfRead(of: node)
    }

    /// No key of a node is in doubt any more. Unread notes will still be read.
    mutating func endDoubt(of node: String) {
        // nil if it went out meanwhile; then that outage goes on.
        if doubts[node] != nil { end(node) }
    }

    private mutating func end(_ node: String) {
        outages[node] = nil
        forgetDoubtIfRead(of: node)
    }

    private mutating func forgetDoubtIfRead(of node: String) {
        guard outages[node] == nil, let doubt = doubts[node] else { return }
        if doubt.unread.values.allSatisfy({ $0 == .lost }) { doubts[node] = nil }
    }
}

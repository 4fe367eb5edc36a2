internal import CachesTransport

/// What this process has seen of the outages of a pool's nodes: what it needs to know when one returns.
final class OutageLedger: Sendable {
    private let state = Guarded(OutageRecords())

    /// The mark by which a node said, the last time that it came back, that another does not stand in for it any
    /// more. nil: it was not seen to come back.
    func mark(of absent: Node, on standIn: Node) -> String? {
        state.withLock { $0.marks[absent.configuration.identity]?[standIn.configuration.identity] }
    }

    /// A node has gone out, with these others in use.
    func wentOut(_ node: Node, others: [Node]) {
        let connections = others.filter { !$0.isOut }.map {
            ($0.configuration.identity, $0.counters.connections)
        }
        state.withLock { $0.wentOut(node.configuration.identity, connections: connections, now: .now) }
    }

    /// What is known of the notes that another node took for one.
    func notes(of other: Node, for node: Node) -> OutageRecords.Notes {
        let (isOut, connections) = (other.isOut, other.counters.connections)
        return state.withLock {
            $0.notes(
                of: other.configuration.identity, for: node.configuration.identity, isOut: isOut,
                connections: connections)
        }
    }

    /// How long the outage of a node has lasted.
    func length(of node: Node) -> Duration {
        let start = state.withLock { $0.outages[node.configuration.identity]?.start }
        return start.map { .now - $0 } ?? .zero
    }

    /// A node is used again; each of the others has marked it.
    func cameBack(_ node: Node, marks: [(Node, String)]) {
        let marks = marks.map { ($0.configuration.identity, $1) }
        state.withLock { $0.cameBack(node.configuration.identity, marks: marks) }
    }
}

/// The same as a value, by the nodes' identities.
struct OutageRecords: Sendable {
    struct Outage: Sendable {
        let start: ContinuousClock.Instant

        /// The others that were in use when it began, each with how many connections it had had. A connection more
        /// may mean another process, without memory.
        let connections: [String: Int]
    }

    private(set) var outages: [String: Outage] = [:]

    /// For each node that came back, the marks on the others.
    private(set) var marks: [String: [String: String]] = [:]

    mutating func wentOut(
        _ node: String, connections: [(String, Int)], now: ContinuousClock.Instant
    ) {
        // On its way back it may fail again: that is still the same outage.
        guard outages[node] == nil else { return }
        outages[node] = Outage(start: now, connections: Dictionary(connections) { first, _ in first })
    }

    /// What is known of the notes that a node took for another.
    enum Notes: Hashable, Sendable {
        /// They are there to be read, if there are any.
        case readable
        /// The node is out, for this process at least: there may be some.
        case hidden
        /// The node had to be connected to anew: there may have been some.
        case lost
    }

    /// A node that has been out for so much longer than another is dead for everybody, and took no notes.
    static let dead = Duration.seconds(30)

    /// What is known of the notes that one node took for another that is out.
    func notes(of other: String, for node: String, isOut: Bool, connections: Int) -> Notes {
        guard let outage = outages[node] else { return .readable }
        // The first connection is none that was lost.
        if let before = outage.connections[other], connections > max(before, 1) { return .lost }
        guard isOut else { return .readable }
        if let others = outages[other], outage.start - others.start > Self.dead { return .readable }
        return .hidden
    }

    mutating func cameBack(_ node: String, marks: [(String, String)]) {
        outages[node] = nil
        self.marks[node] = Dictionary(marks) { first, _ in first }
    }
}

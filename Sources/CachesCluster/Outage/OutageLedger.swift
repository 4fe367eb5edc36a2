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

    /// Which of the others may have lost the notes that they took for a node.
    func mayHaveLostNotes(_ other: Node, for node: Node) -> Bool {
        let (isOut, connections) = (other.isOut, other.counters.connections)
        return state.withLock {
            $0.mayHaveLostNotes(
                other.configuration.identity, for: node.configuration.identity, isOut: isOut,
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

    /// Whether another may have taken notes and lost them: it was in use when the outage began, and is out now, or
    /// had to be connected to anew. One that was out all along took none.
    func mayHaveLostNotes(_ other: String, for node: String, isOut: Bool, connections: Int) -> Bool {
        guard let before = outages[node]?.connections[other] else { return false }
        // The first connection is none that was lost.
        return isOut || connections > max(before, 1)
    }

    mutating func cameBack(_ node: String, marks: [(String, String)]) {
        outages[node] = nil
        self.marks[node] = Dictionary(marks) { first, _ in first }
    }
}

internal import CachesTransport

/// The replicas of a primary that its Sentinels name, to be read from.
final class SentinelReplicas: Sendable {
    private struct State: Sendable {
        /// The pool's fingerprint.
        var fingerprint: String
        var nodes: [Node] = []
        var isClosed = false
    }

    private let state: Locked<State>

    /// Makes a node for a replica, which connects when it is first read from.
    private let make: @Sendable (Endpoint, _ fingerprint: String) -> Node

    init(fingerprint: String, _ make: @escaping @Sendable (Endpoint, _ fingerprint: String) -> Node) {
        state = Locked(State(fingerprint: fingerprint))
        self.make = make
    }

    var nodes: [Node] { state.withLock { $0.nodes } }

    /// Replaces the replicas. Called on the loop alone.
    func set(_ endpoints: [Endpoint]) {
        let (former, fingerprint) = state.withLock { ($0.nodes, $0.fingerprint) }
        let found = endpoints.map { endpoint in
            former.first { $0.configuration.connection.endpoint == endpoint } ?? make(endpoint, fingerprint)
        }
        let isOpen = state.withLock { state in
            if !state.isClosed { state.nodes = found }
            return !state.isClosed
        }
        guard isOpen else { return }
        let gone = former.filter { node in !found.contains { $0 === node } }
        for node in gone { Task { await node.close(deadline: node.deadline()) } }
    }

    /// Tells the servers that the pool has another fingerprint.
    func announce(_ fingerprint: String) {
        let nodes = state.withLock { state in
            state.fingerprint = fingerprint
            return state.nodes
        }
        for node in nodes { node.announce(fingerprint) }
    }

    /// Removes all replicas.
    /// - Returns: The replicas that there were.
    func close() -> [Node] {
        state.withLock { state in
            state.isClosed = true
            defer { state.nodes = [] }
            return state.nodes
        }
    }
}

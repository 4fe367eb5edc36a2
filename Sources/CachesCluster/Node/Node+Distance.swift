internal import CachesTransport

// The distance of a node: the duration of its pings.
extension Node {
    /// The current round trip: the mean of the last pings, later ones weighing more. nil before the first.
    public var roundTrip: Duration? { look { $0.roundTrip } }

    /// Notes the duration of a ping.
    func note(roundTrip: Duration) {
        change { shared in
            // The new one counts an eighth, as in TCP's smoothing (RFC 6298, section 2): one late answer
            // changes little.
            shared.roundTrip = shared.roundTrip.map { $0 * 7 / 8 + roundTrip / 8 } ?? roundTrip
        }
    }

    /// Whether the node has a copy of another node's data.
    var isReplica: Bool { configuration.replicaOf != nil || configuration.connection.readsFromReplica }

    /// Measures the round trip once, if unknown: otherwise a node is not pinged before the first interval is
    /// over.
    func measure() {
        guard roundTrip == nil, let connection = look({ $0.machine.current?.connection }) else {
            return
        }
        let deadline = deadline()
        Task(executorPreference: loop) { [weak self] in
            let start = ContinuousClock.now
            guard (try? await connection.send(deadline: deadline, { $0.words("PING") })) != nil else {
                return
            }
            self?.note(roundTrip: .now - start)
        }
    }

    /// One of the nearest nodes that are in; nil if all are out.
    ///
    /// Nodes within a quarter of a millisecond of the nearest are equally near: one of them at random, so
    /// that replicas in one place share the work. A node without a measurement is taken for near, and then
    /// measured.
    static func nearest(of nodes: [Node]) -> Node? {
        let candidates = nodes.filter { !$0.isOut }
        guard candidates.count > 1 else { return candidates.first }
        let distances = candidates.map { $0.roundTrip ?? .zero }
        let reach = (distances.filter { $0 != .zero }.min() ?? .zero) + .microseconds(250)
        return zip(candidates, distances).filter { $0.1 <= reach }.randomElement()?.0
    }
}

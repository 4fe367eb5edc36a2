internal import CachesTransport

// How far away a node is: what its signs of life took.
extension Node {
    /// How long a sign of life takes at present: the mean of the last ones, the later the more. nil before the first.
    public var roundTrip: Duration? { look { $0.roundTrip } }

    /// A sign of life took so long.
    func note(roundTrip: Duration) {
        change { shared in
            // An eighth of each, as TCP smooths its own (RFC 6298, section 2): one late answer changes little.
            shared.roundTrip = shared.roundTrip.map { $0 * 7 / 8 + roundTrip / 8 } ?? roundTrip
        }
    }

    /// Whether it has a copy of another's data.
    var isReplica: Bool { configuration.replicaOf != nil || configuration.connection.readsFromReplica }

    /// Measures it once, if nobody has: a node is else not asked for a sign of life before the first interval is over.
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

    /// Of the nodes that are in, one of the nearest; nil if all are out.
    ///
    /// Those within a quarter of a millisecond of the nearest are equally near: one of them at random, so that
    /// replicas in one place share the work. One that was never measured is taken for near, and then it is measured.
    static func nearest(of nodes: [Node]) -> Node? {
        let candidates = nodes.filter { !$0.isOut }
        guard candidates.count > 1 else { return candidates.first }
        let distances = candidates.map { $0.roundTrip ?? .zero }
        let reach = (distances.filter { $0 != .zero }.min() ?? .zero) + .microseconds(250)
        return zip(candidates, distances).filter { $0.1 <= reach }.randomElement()?.0
    }
}

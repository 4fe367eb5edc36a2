import CachesTransport

/// A stage of a hand-over from one topology to another: decides which node is asked for a key meanwhile.
package final class PoolTransition: Sendable {
    let from: PoolTopology
    let to: PoolTopology
    let step: HandOverStep

    var stage: HandOver.Stage { step.stage }

    private init(from: PoolTopology, to: PoolTopology, _ step: HandOverStep) {
        self.from = from
        self.to = to
        self.step = step
    }

    /// - Parameter markersEnd: The end of the markers: all processes have ended the hand-over by then.
    convenience init(
        _ stage: HandOver.Stage, from: PoolTopology, to: PoolTopology, markersEnd: Deadline
    ) {
        self.init(
            from: from, to: to,
            HandOverStep(
                stage, HandOverMarkers(from: from.fingerprint, to: to.fingerprint), markersEnd: markersEnd,
                tally: HandOverTally()))
    }

    /// The same hand-over at another stage.
    func at(_ stage: HandOver.Stage) -> PoolTransition {
        PoolTransition(from: from, to: to, step.at(stage))
    }

    /// The node to ask for a key at this stage.
    func route(of key: KeyBytes, connection: ConnectionName) throws(CachesError) -> Route {
        let new = try (try? to.ring(connection))?.owner(of: key)
        let old = try (try? from.ring(connection))?.owner(of: key)
        guard let old else {
            // A new name: nothing was there before.
            return Route(key: key, node: try to.ring(connection).owner(of: key), move: nil)
        }
        guard let new else {
            guard stage == .announced else { throw to.directory.unknown(connection) }
            return Route(key: key, node: old, move: nil)
        }
        let node = stage == .announced ? old : new
        guard !old.isSameServer(as: new) else { return Route(key: key, node: node, move: nil) }
        return Route(key: key, node: node, move: KeyMove(key.text, from: old, to: new, in: step))
    }

    /// The nodes of both topologies that a name stands for, each once; at least one.
    func nodes(connection: ConnectionName) throws(CachesError) -> [Node] {
        let old = (try? from.ring(connection).nodes) ?? []
        guard let new = try? to.ring(connection).nodes else {
            guard !old.isEmpty else { throw to.directory.unknown(connection) }
            return old
        }
        // If two nodes are one server, the one that remains in use.
        return old.filter { node in !new.contains { $0.isSameServer(as: node) } } + new
    }
}

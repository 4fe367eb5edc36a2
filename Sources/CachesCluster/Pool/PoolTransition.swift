package import CachesTransport

/// A stage of a hand-over from one topology to another: who is asked for what meanwhile.
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

    /// - Parameter markersEnd: Until when markers are kept: all processes have ended the hand-over by then.
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

    /// Who is asked for a key at this stage.
    func route(of key: KeyBytes, on connection: ConnectionName) throws(CachesError) -> KeyRoute {
        let new = try (try? to.route(connection))?.owner(of: key)
        let old = try (try? from.route(connection))?.owner(of: key)
        guard let old else {
            // A name that is new: nothing was there before.
            return KeyRoute(node: try to.route(connection).owner(of: key), move: nil)
        }
        guard let new else {
            guard stage == .announced else { throw to.directory.unknown(connection) }
            return KeyRoute(node: old, move: nil)
        }
        let node = stage == .announced ? old : new
        guard !old.isSameServer(as: new) else { return KeyRoute(node: node, move: nil) }
        return KeyRoute(node: node, move: KeyMove(key.text, from: old, to: new, in: step))
    }

    /// The nodes of both topologies that a name stands for, each once; at least one.
    func nodes(on connection: ConnectionName) throws(CachesError) -> [Node] {
        let old = (try? from.route(connection).nodes) ?? []
        guard let new = try? to.route(connection).nodes else {
            guard !old.isEmpty else { throw to.directory.unknown(connection) }
            return old
        }
        // Where two nodes are one server, the one that goes on to be used.
        return old.filter { node in !new.contains { $0.isSameServer(as: node) } } + new
    }
}

/// Who is asked for a key.
package struct KeyRoute: Sendable {
    /// The node that owns the key.
    package let node: Node

    /// The key's way there from another node; nil if there is none, as is nearly always.
    package let move: KeyMove?

    package init(node: Node, move: KeyMove?) {
        self.node = node
        self.move = move
    }
}

/// Where the keys of a connection's name are.
package enum Routing: Sendable {
    case settled(PoolTopology.Route)
    case moving(PoolTransition, ConnectionName)

    /// The node that owns a key, and where the key is on its way from.
    package func route(of key: KeyBytes) throws(CachesError) -> KeyRoute {
        switch self {
        case .settled(let route): KeyRoute(node: try route.owner(of: key), move: nil)
        case .moving(let transition, let connection): try transition.route(of: key, on: connection)
        }
    }

    /// The nodes that keys are on, and which is on which, if that can be told at once; nil: each is to be asked for.
    package var spread: KeySpread? { if case .settled(let route) = self { KeySpread(route) } else { nil } }
}

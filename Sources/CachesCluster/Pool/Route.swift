package import CachesTransport

/// The way to a key: its node, and during a hand-over where it comes from.
package struct Route: Sendable {
    package let key: KeyBytes

    /// The node that owns the key.
    package let node: Node

    /// The key's move to its node from another one; nil if there is none, as is nearly always.
    package let move: KeyMove?

    package init(key: KeyBytes, node: Node, move: KeyMove? = nil) {
        self.key = key
        self.node = node
        self.move = move
    }
}

/// How calls find the keys of a connection's name at one moment.
package enum Routing: Sendable {
    case settled(Ring)
    case moving(PoolTransition, ConnectionName)

    /// The way to a key.
    package func route(of key: KeyBytes) throws(CachesError) -> Route {
        switch self {
        case .settled(let ring): Route(key: key, node: try ring.owner(of: key), move: nil)
        case .moving(let transition, let connection): try transition.route(of: key, connection: connection)
        }
    }

    /// The owners of all keys at this moment; nil if they can't be told at once, and ``route(of:)`` tells that of each.
    package var snapshot: RingSnapshot? {
        if case .settled(let ring) = self { RingSnapshot(ring) } else { nil }
    }
}

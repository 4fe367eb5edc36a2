package import CachesTransport

/// The way to a key: its node, and during a hand-over the node it comes from.
package struct Route: Sendable {
    package let key: KeyBytes

    /// The node that owns the key.
    package let node: Node

    /// The key's move to its node from another one; nearly always nil.
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

    /// The owners of all keys at this moment; nil if they are not known at once; then ``route(of:)`` tells
    /// the owner of each key.
    package var snapshot: RingSnapshot? {
        if case .settled(let ring) = self { RingSnapshot(ring) } else { nil }
    }
}

/// Names the servers that a cache is on: all of them, a group, or one.
///
/// ```swift
/// override class var connection: ConnectionName { "sessions" }
/// ```
///
/// `sessions` is the node with that name, or all nodes of the group with that name, over which keys are then
/// spread; `sessions/a` is one node of the group. The empty name is ``sharded``.
public struct ConnectionName: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The name as it was written, empty for ``sharded``.
    let name: String

    /// Every node of the pool, the keys spread over all of them. The default of every cache.
    // Computed: each call asks for it, and access to a stored one would check each time whether it was
    // initialized.
    public static var sharded: ConnectionName { ConnectionName("") }

    /// A node's or a group's name.
    public init(_ name: String) { self.name = name }

    public init(stringLiteral name: String) { self.name = name }
}

extension ConnectionName: CustomStringConvertible {
    /// The name; `sharded` for ``sharded``.
    public var description: String { name.isEmpty ? "sharded" : name }
}

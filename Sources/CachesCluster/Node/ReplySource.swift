/// The source of a reply, for errors about it.
public protocol ReplySource: AnyObject, Sendable {
    /// The node's name.
    var name: String { get }
}

extension Node: ReplySource {}
extension NodeConnection: ReplySource {}

/// A node's name, for a reply that is kept: it retains neither the node nor its connection.
package final class NodeName: ReplySource {
    package let name: String

    init(_ name: String) { self.name = name }
}

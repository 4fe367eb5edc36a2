/// Who gave a reply: what an error about it names.
public protocol ReplySource: AnyObject, Sendable {
    /// What the node is called.
    var name: String { get }
}

extension Node: ReplySource {}
extension NodeConnection: ReplySource {}

/// A node's name, for a reply that is kept: it does not keep the node, nor its connection.
package final class NodeName: ReplySource {
    package let name: String

    init(_ name: String) { self.name = name }
}

/// Who gave a reply: what an error about it names. A node, or what a call holds on to in its place.
public protocol ReplySource: AnyObject, Sendable {
    /// What the node is called.
    var name: String { get }
}

extension Node: ReplySource {}
extension Line: ReplySource {}

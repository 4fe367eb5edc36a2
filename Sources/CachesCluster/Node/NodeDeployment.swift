internal import CachesTransport

/// What a node asks of the deployment of several servers that it is one of: a cluster, or a primary with its
/// replicas and Sentinels. A node by itself has none.
///
/// The node knows of a deployment no more than this. None of it is asked while calls are answered: it is
/// asked when a connection opens, and when a server refused a command or could not be sent one.
protocol NodeDeployment: Sendable {
    /// Whether each server has only keys of some hash slots: see ``Node/hasSlots``.
    var hasSlots: Bool { get }

    /// Where a node's connections lead; nil: where its configuration says.
    func locator(of node: Node) -> Locator?

    /// The server to which a connection that opens now would lead; nil: as the configuration says, or not
    /// known yet.
    var destination: Endpoint? { get }

    /// Has those of several commands carried out elsewhere that a node's server refused.
    ///
    /// - Returns: The replies, those that came from elsewhere in their places.
    /// - Throws: ``PartialFailure`` if some failed elsewhere, and not all.
    func redirect(
        _ replies: [Reply], _ call: Node.Call, from node: Node, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply]

    /// What a call is told in place of a server's answer; nil: the answer.
    func error(of answer: ServerError, from node: Node) -> CachesError?

    /// Has commands carried out elsewhere that could not be sent to a node's server.
    ///
    /// - Throws: `error`, if there is no other server to ask.
    func follow(
        _ call: Node.Call, from node: Node, after error: CachesError, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply]

    /// Whether a command that failed with an error has not been carried out, and is by the server to which
    /// the next connection leads.
    func isRefusal(_ error: CachesError) -> Bool

    /// A node's server can't serve over a connection that calls use.
    ///
    /// - Returns: Whether the next connection may lead to one that can, and this one has been left. Else the node is out.
    func leave(_ connection: Connection, of node: Node) -> Bool

    /// What calls are told by a node that was closed while the deployment goes on; nil: that the pool was
    /// closed.
    var leftError: CachesError? { get }

    /// Whether two nodes, one of which is one of this deployment, are one server, as far as their addresses
    /// tell.
    func isOneServer(_ node: Node, _ other: Node) -> Bool

    /// Nodes that have copies of a node's data, by what the deployment has found out; nil if it does not look
    /// for any.
    func replicas(of node: Node) -> [Node]?
}

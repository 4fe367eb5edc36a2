internal import CachesTransport

/// A node's view of the deployment of several servers that it belongs to: a cluster, or a primary with its
/// replicas and Sentinels. A stand-alone node has no deployment.
///
/// The node knows no more of a deployment than this. Calls that are answered don't use it: only the opening
/// of a connection does, and commands that a server refused or that could not be sent.
protocol NodeDeployment: Sendable {
    /// Whether each server has only keys of some hash slots: see ``Node/hasSlots``.
    var hasSlots: Bool { get }

    /// The locator of a node's server; nil: the configuration names it.
    func locator(of node: Node) -> Locator?

    /// The server that a connection opened now would lead to; nil: as configured, or not known yet.
    var destination: Endpoint? { get }

    /// Has commands carried out elsewhere that a node's server refused.
    ///
    /// - Returns: The replies, with those from elsewhere in their places.
    /// - Throws: ``PartialFailure`` if some commands failed elsewhere, and not all.
    func redirect(
        _ replies: [Reply], _ call: Node.Call, from node: Node, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply]

    /// The error for a call in place of a server's answer; nil: the answer itself.
    func error(of answer: ServerError, from node: Node) -> CachesError?

    /// Has commands carried out elsewhere that could not be sent to a node's server.
    ///
    /// - Throws: `error`, if there is no other server to ask.
    func follow(
        _ call: Node.Call, from node: Node, after error: CachesError, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply]

    /// Whether a command that failed with an error has not been carried out, but will be by the server that
    /// the next connection leads to.
    func isRefusal(_ error: CachesError) -> Bool

    /// Handles a node's server that can't serve over a connection in use.
    ///
    /// - Returns: Whether this connection has been left, and the next one may lead to a server that can
    ///   serve. Otherwise the node is out.
    func leave(_ connection: Connection, of node: Node) -> Bool

    /// The error of calls on a node that was closed while the deployment goes on; nil: that the pool was
    /// closed.
    var leftError: CachesError? { get }

    /// Whether two nodes, one of them of this deployment, are the same server, judging by their addresses.
    func isOneServer(_ node: Node, _ other: Node) -> Bool

    /// Nodes with copies of a node's data, as found by the deployment; nil if it does not look for any.
    func replicas(of node: Node) -> [Node]?
}

package import CachesTransport

/// What a node asks of those it belongs to.
package struct NodeHooks: Sendable {
    /// Told of each change of health, in order, on the event loop's thread.
    package var changed: @Sendable (NodeEvent) -> Void = { _ in }

    /// Told of each connection that has opened and is used; nil for nothing. What it finds out over the connection makes no
    /// difference to the node's health.
    package var opened: (@Sendable (Node, Connection) async -> Void)?

    /// What has to be done before a node that answers again is used again, nil for nothing. Until it returns, the
    /// node is out for all but calls whose ``Node/Call/Reach`` is `readmission`. An error, or a time of more than
    /// ``HealthConfiguration/rejoinTimeout``, puts the node out again, and it is called anew when the node has
    /// answered again. Its task is cancelled when the node fails meanwhile.
    package var readmit: (@Sendable (Node) async throws -> Void)?

    /// Told of each call; nil for nothing.
    package var observer: (any CallObserver)?

    package init() {}
}

package import CachesTransport

/// The hooks that a node calls.
package struct NodeHooks: Sendable {
    /// Called for each change of health, in order, on the event loop's thread.
    package var changed: @Sendable (NodeEvent) -> Void = { _ in }

    /// Called for each connection that has opened and is used; nil: no hook. Its findings over the connection
    /// do not affect the node's health.
    package var opened: (@Sendable (Node, Connection) async -> Void)?

    /// Called before a node that answers again is used again; nil: no hook. Until it returns, the node is out
    /// for all but calls whose ``Node/Call/Reach`` is `readmission`. An error, or a duration of more than
    /// ``HealthConfiguration/rejoinTimeout``, puts the node out again, and the hook is called again when the
    /// node has answered again. Its task is cancelled when the node fails meanwhile.
    package var readmit: (@Sendable (Node) async throws -> Void)?

    /// Called for each call; nil: no observer.
    package var observer: (any CallObserver)?

    package init() {}
}

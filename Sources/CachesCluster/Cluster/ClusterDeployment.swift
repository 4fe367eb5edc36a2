package import CachesTransport

/// A node's view of its cluster: commands that the node's server refuses, or that can't be sent to it, are
/// carried out by the owner of the slot.
///
/// A cluster keeps its nodes, so they refer to it weakly.
final class ClusterDeployment: NodeDeployment {
    weak let cluster: Cluster?

    init(of cluster: Cluster) { self.cluster = cluster }

    var hasSlots: Bool { true }

    func locator(of node: Node) -> Locator? { nil }

    var destination: Endpoint? { nil }

    func redirect(
        _ replies: [Reply], _ call: Node.Call, from node: Node, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard replies.contains(where: \.isRedirection), let cluster else { return replies }
        var journey = Redirected(try RecordedCommands(write), replies, from: node, of: cluster, call)
        return try await journey.run()
    }

    func error(of answer: ServerError, from node: Node) -> CachesError? {
        RedirectionFailure.isUnreadable(answer) ? RedirectionFailure.unreadable(node) : nil
    }

    func follow(
        _ call: Node.Call, from node: Node, after error: CachesError, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard let cluster else { throw error }
        cluster.requestRefresh()
        guard !call.deadline.hasPassed else { throw error }
        // A connection that closes under a command leaves open whether the command was carried out.
        guard call.forKey, error.wasNotSent || call.idempotent else { throw error }
        // No server accepts the command, or its reply exceeds the limit for every server.
        guard error.code != .tooLarge, !error.mayBeItsCause else { throw error }
        let commands: RecordedCommands
        do throws(CachesError) { commands = try RecordedCommands(write) } catch { throw error.at(node.name) }
        guard
            let other = try await cluster.other(
                than: node, for: commands, after: error, deadline: call.deadline)
        else { throw error }
        var journey = Redirected(commands, goingTo: other, of: cluster, call)
        return try await journey.run()
    }

    func isRefusal(_ error: CachesError) -> Bool { false }

    func leave(_ connection: Connection, of node: Node) -> Bool { false }

    var leftError: CachesError? { cluster?.isOpen == true ? Node.leftCluster : nil }

    func isOneServer(_ node: Node, _ other: Node) -> Bool {
        guard let one = node.cluster, let two = other.cluster else { return false }
        return one.isSame(as: two)
    }

    func replicas(of node: Node) -> [Node]? { cluster?.replicas(of: node) ?? [] }
}

extension Node {
    /// The cluster of this server; nil if it belongs to no cluster.
    var cluster: Cluster? { (deployment as? ClusterDeployment)?.cluster }

    /// The error of a node that was configured as part of a cluster and is not; nil otherwise, or if not
    /// known yet.
    package var clusterFault: CachesError? { cluster?.configurationFault }
}

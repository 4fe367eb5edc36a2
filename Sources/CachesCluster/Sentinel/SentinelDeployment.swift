internal import CachesTransport

/// A primary's node's view of its Sentinels: where the primary is, and how to handle commands that were sent
/// to a server that is no longer the primary.
///
/// The node keeps it, so the Sentinels are listened to for as long as the node, or its ``SentinelGroup``,
/// exists.
final class SentinelDeployment: NodeDeployment {
    let watch: SentinelWatch
    let replicas: SentinelReplicas

    init(_ watch: SentinelWatch, _ replicas: SentinelReplicas) {
        self.watch = watch
        self.replicas = replicas
    }

    deinit { watch.close() }

    var hasSlots: Bool { false }

    func locator(of node: Node) -> Locator? {
        Locator("the Sentinels' answer who the primary is") { [watch, weak node] answer in
            watch.locate { [weak node] found in
                guard let node else { return answer(.failure(CachesError.poolClosed)) }
                answer(
                    found.map { endpoint in
                        var destination = node.connectionConfiguration.at(
                            endpoint, hosts: node.configuration.givenHosts)
                        destination.requiresPrimary = true
                        return destination
                    })
            }
        }
    }

    var destination: Endpoint? { watch.primary }

    /// Sends to the primary those commands that a demoted server refused. That server has been left by now.
    func redirect(
        _ replies: [Reply], _ call: Node.Call, from node: Node, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard replies.contains(where: \.isRefusalOfReplica) else { return replies }
        let commands = try RecordedCommands(write)
        let refused = commands.units.filter { unit in
            // A transaction with a refused command ends with an error; otherwise it has been carried out.
            unit.contains { replies[$0].isRefusalOfReplica } && unit.last.map { replies[$0].isError } ?? false
        }.joined().map(\.self)
        guard !refused.isEmpty else { return replies }
        let again = Node.Call(
            refused.count, idempotent: call.idempotent, deadline: call.deadline, reach: .server)
        var all = replies
        do {
            let answers = try await node.carryOut(again) {
                for index in refused { $0.recorded(commands, at: index) }
            }.replies
            for (index, answer) in zip(refused, answers) { all[index] = answer }
        } catch let error as CachesError {
            guard refused.count < replies.count else { throw error }
            throw PartialFailure(
                replies: replies, failures: Dictionary(uniqueKeysWithValues: refused.map { ($0, error) }))
        }
        return all
    }

    func error(of answer: ServerError, from node: Node) -> CachesError? { nil }

    /// Rethrows: there is one primary, and the node's next connection leads to it.
    func follow(
        _ call: Node.Call, from node: Node, after error: CachesError, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] { throw error }

    /// Whether a former primary refused a write.
    func isRefusal(_ error: CachesError) -> Bool {
        error.code.serverName == NotReadyReason.readOnly.rawValue
    }

    /// Leaves a server that says it is not a primary.
    func leave(_ connection: Connection, of node: Node) -> Bool {
        node.leavePrimary("The server is no longer the primary.") { $0 === connection }
        watch.doubt()
        return true
    }

    var leftError: CachesError? { nil }

    func isOneServer(_ node: Node, _ other: Node) -> Bool {
        let (one, two) = (node.configuration, other.configuration)
        guard one.connection.database == two.connection.database else { return false }
        switch (one.deployment, two.deployment) {
        case (.sentinel(let one), .sentinel(let two)): return one.isSameService(as: two)
        case (.sentinel, .server): return isPrimary(other)
        case (.server, .sentinel): return isPrimary(node)
        case (.cluster, _), (_, .cluster), (.server, .server): return false
        }
    }

    /// Whether a stand-alone server is the primary. Begins to ask the Sentinels, if they have not been asked
    /// yet: their answer comes before a hand-over needs it.
    private func isPrimary(_ node: Node) -> Bool {
        guard node.deployment == nil else { return false }
        watch.begin()
        return watch.primary == node.configuration.connection.endpoint
    }

    func replicas(of node: Node) -> [Node]? { replicas.nodes }
}

extension Reply {
    /// Whether a replica says that it takes no writes.
    fileprivate var isRefusalOfReplica: Bool {
        if case .error(let error) = self { error.name == NotReadyReason.readOnly.rawValue } else { false }
    }
}

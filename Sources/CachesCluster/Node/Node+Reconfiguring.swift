internal import CachesTransport

extension Node {
    /// Whether the two are the same database of one server, judging by their addresses.
    func isSameServer(as other: Node) -> Bool {
        if self === other { return true }
        if let deployment = deployment ?? other.deployment { return deployment.isOneServer(self, other) }
        let (one, two) = (configuration.connection, other.configuration.connection)
        return one.database == two.database && one.endpoint == two.endpoint
    }

    /// Whether a node made of this configuration, in a pool of this configuration, would be the same.
    func isMade(as configuration: NodeConfiguration, in pool: PoolConfiguration) -> Bool {
        self.configuration.isAlike(configuration) && healthConfiguration == pool.health
            && defaultDeadline == configuration.deadline ?? pool.deadline
    }

    /// Tells the server the pool's new fingerprint, now and over each later connection.
    func announce(_ fingerprint: String) {
        self.fingerprint.withLock { $0 = fingerprint }
        guard let connection = look({ $0.machine.current?.connection }), connection.isNamed else { return }
        let (name, deadline) = (connectionConfiguration.clientName, deadline())
        // If that fails, the connection is lost or about to be, and the next one tells it.
        Task {
            try? await connection.send(deadline: deadline) { command in
                command.words("CLIENT", "SETNAME", name)
            }
        }
    }

    /// The configuration for connecting to the server, with the pool's fingerprint in the client's name.
    var connectionConfiguration: ConnectionConfiguration {
        var connection = configuration.connection
        if !connection.clientName.isEmpty { connection.clientName += ":" + fingerprint.withLock { $0 } }
        return connection
    }
}

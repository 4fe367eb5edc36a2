import CachesCluster
import CachesTerminal
import CachesTransport

/// The answer of one server, or the reason why it did not answer.
struct NodeReport: Sendable {
    var name: String
    var group: String?
    /// The server's address; if the servers can change roles, that of the server that takes writes at
    /// present.
    var address: String
    var database: Int
    /// The TLS version and cipher in use; nil on plain connections and if no connection was made.
    var tls: TLSSession?
    /// The server's product and version, such as `redis 7.0.15`; nil if it did not say.
    var server: String?
    /// `master` or `replica`; nil if the server did not say.
    var role: String?
    var roundTrip = Latencies()
    /// Why the server counts as down; nil if it is up.
    var error: CachesError?

    struct TLSSession: Encodable, Equatable, Sendable {
        var version: String
        var cipher: String
    }

    var isUp: Bool { error == nil }

    /// Makes a report of a node that has not been asked yet.
    init(_ configuration: NodeConfiguration) {
        name = configuration.name
        group = configuration.group
        address =
            if case .sentinel(let sentinels) = configuration.deployment {
                "\(sentinels.service) of \(sentinels.sentinels.count) Sentinels"
            } else { configuration.connection.endpoint.description }
        database = configuration.connection.database
    }

    /// Asks a node: one round trip that also connects, `count` timed ones, then `INFO`.
    init(asking node: Node, count: Int) async {
        self.init(node.configuration)
        do {
            _ = try await node.send("PING")
            // A server without cluster mode answers PING like any other, and serves no key of the pool.
            if let fault = node.clusterFault { throw fault }
            for _ in 0..<count {
                let start = ContinuousClock.now
                _ = try await node.send("PING")
                roundTrip.record(ContinuousClock.now - start)
            }
        } catch {
            self.error = error as? CachesError ?? CachesError(.closed, "\(error)", node: node.name)
        }
        if let endpoint = node.session?.endpoint { address = endpoint.description }
        if let session = node.session, let version = session.tlsVersion {
            tls = TLSSession(version: version, cipher: session.cipher ?? "")
        }
        // An ACL may forbid INFO to a user that may do all that a cache needs. The server is still up.
        guard isUp, case .string(let info)? = try? await node.send("INFO") else { return }
        let facts = ServerInfo(String(decoding: info, as: UTF8.self))
        server = facts.product
        role = facts.role
    }
}

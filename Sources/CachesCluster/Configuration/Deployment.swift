public import CachesTransport

/// The kind of a pool's member: one server, or several that act as one.
public enum Deployment: Hashable, Sendable {
    /// A server by itself.
    case server

    /// A Redis or Valkey Cluster: each of its servers owns some of 16 384 slots, and all know the owners.
    ///
    /// `seeds` are some of its servers, any of which is asked for the others; at least one.
    case cluster(seeds: [Endpoint])

    /// A server and its replicas that Sentinels watch: they know which of them is the primary at present.
    case sentinel(SentinelConfiguration)

    /// The hosts that the DSN names for a deployment of several servers: the ones to begin with.
    var hosts: [String] {
        let endpoints: [Endpoint] =
            switch self {
            case .server: []
            case .cluster(let seeds): seeds
            case .sentinel(let configuration): configuration.sentinels
            }
        return endpoints.compactMap { if case .tcp(let host, _) = $0 { host } else { nil } }
    }
}

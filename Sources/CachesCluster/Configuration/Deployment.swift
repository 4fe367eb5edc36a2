public import CachesTransport

/// What a member of a pool is: one server, or many that are one to those who use them.
public enum Deployment: Hashable, Sendable {
    /// A server by itself.
    case server

    /// A Redis or Valkey Cluster: each of its servers owns some of 16 384 slots, and all tell which.
    ///
    /// `seeds` are some of its servers, any of which is asked for the others; at least one.
    case cluster(seeds: [Endpoint])

    /// A server and its replicas that Sentinels watch: they say which of them is the primary at present.
    case sentinel(SentinelConfiguration)

    /// The hosts that the DSN names for a deployment of several servers: those to begin with.
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

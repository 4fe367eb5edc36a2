public import CachesTransport

/// One member of a pool, a server or a deployment of several: its name, its weight, and how it is reached.
///
/// ```swift
/// let node = try NodeConfiguration(dsn: "rediss://:secret@cache.example/2?timeout=500ms#main")
/// print(node)    // rediss://***@cache.example:6379/2?timeout=500ms#main
/// ```
public struct NodeConfiguration: Hashable, Sendable {
    /// How the server is reached. Its name is the node's ``name``. In a ``deployment`` of several, each is
    /// reached like this, at an address of its own.
    public var connection: ConnectionConfiguration

    /// The kind of the member. Default: one server.
    public var deployment = Deployment.server

    /// How often a deployment of several servers is asked for its topology, when nothing asks for it sooner;
    /// for a single server with a host name, how often the name is looked up while a connection is open. nil,
    /// the default: 30 s, and 10 s for Sentinels. A part is drawn at random, so that many processes do not
    /// ask at once.
    public var refreshInterval: Duration?

    /// The addresses that reach the servers of a ``deployment`` of several, if not the announced ones: behind
    /// network address translation, for example. nil, the default: the announced addresses.
    public var addressMap: AddressMap?

    /// Clusters: how many servers one may have, masters and replicas together, 1 or more. A table that names
    /// more is an error, and so are tables that keep naming other servers, more than twice as many in a few
    /// minutes. Each server that calls are sent to costs a descriptor. Default 1000, the most for which Redis
    /// Cluster [is made](https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/).
    public var maximumServers = NodeConfiguration.usualMaximumServers

    static let usualMaximumServers = 1000

    /// The text that places keys on this node: keep it when the server moves, and its keys stay; change it,
    /// and they are lost. Default: the name, or for some placements another text: see ``PlacementRule``.
    public var identity: String {
        get { givenIdentity ?? name }
        set { givenIdentity = newValue }
    }

    /// The identity, if one was set.
    var givenIdentity: String?

    /// The group that the node belongs to, whose name stands for all of its nodes; nil for none.
    public var group: String?

    /// The name of the node whose data this one has a copy of: it then owns no keys, and classes that want to
    /// can read from it. nil, the default: it has data of its own.
    public var replicaOf: String?

    /// The node's share of the keys, relative to the other nodes' weights: 0.001 to 1 000 000. Default 1.
    public var weight = 1.0

    /// How long a command may take on this node in all. nil, the default: the pool's deadline.
    public var deadline: Duration?

    /// The source of the configuration for errors: the name of an environment variable.
    public var source: String

    /// The weights that a node may have.
    static let weights = 0.001...1_000_000

    static let weightFault = ConfigurationFault("the weight is not from 0.001 to 1000000.")

    /// A node that is reached by a connection.
    ///
    /// - Parameters:
    ///   - name: The node's name, `main` or, in a group, `sessions/a`. nil: `host:port/database`; the
    ///     socket's path and the database for a unix socket; the primary's name and the database for
    ///     Sentinels.
    ///   - group: The group that the node belongs to.
    ///   - connection: How the server is reached.
    ///   - deployment: The kind of the member.
    ///   - source: The name of this configuration in errors. nil: the node's name.
    public init(
        name: String? = nil, group: String? = nil, connection: ConnectionConfiguration,
        deployment: Deployment = .server, source: String? = nil
    ) {
        let name = name ?? Self.defaultName(of: connection, deployment)
        self.connection = connection
        self.deployment = deployment
        self.connection.name = name
        self.group = group
        self.source = source ?? name
    }

    /// The node's name: the fragment of its DSN, or `host:port/database` without one.
    public var name: String {
        get { connection.name }
        set { connection.name = newValue }
    }

    /// Whether the node has a given name, rather than one made of its address.
    var isNamed: Bool { name != Self.defaultName(of: connection, deployment) }

    static func defaultName(of connection: ConnectionConfiguration, _ deployment: Deployment) -> String {
        let place =
            switch (deployment, connection.endpoint) {
            case (.cluster(let seeds), _): seeds.map(\.description).joined(separator: ",")
            case (.sentinel(let configuration), _): configuration.service
            case (.server, .unix(let path)): path
            case (.server, .tcp): connection.endpoint.description
            }
        return "\(place)/\(connection.database)"
    }
}

extension NodeConfiguration {
    /// How another server of the deployment, announced at an address, is reached: see
    /// ``ConnectionConfiguration/at(_:hosts:)``. Addresses that the DSN maps to count as given, too.
    func connection(at endpoint: Endpoint) -> ConnectionConfiguration {
        connection.at(endpoint, hosts: givenHosts)
    }

    /// The hosts that were given for the deployment, in its DSN or by its configuration.
    var givenHosts: [String] { deployment.hosts + (addressMap?.reachedHosts ?? []) }
}

extension NodeConfiguration {
    /// Whether the two are equal, wherever they come from.
    func isAlike(_ other: NodeConfiguration) -> Bool {
        var own = self
        own.source = other.source
        return own == other
    }
}

extension NodeConfiguration {
    /// The name, and where the server or deployment is: `a at 10.0.0.1:6379`.
    var nameAndPlace: String {
        let place =
            switch deployment {
            case .server: connection.endpoint.description
            case .cluster(let seeds): seeds.map(\.description).joined(separator: ",")
            case .sentinel(let configuration):
                "\(configuration.service) of "
                    + configuration.sentinels.map(\.description).joined(separator: ",")
            }
        // A member without a name is called by its address, or is one server of a deployment:
        // main@10.0.0.1:6379.
        return isNamed && !name.hasSuffix("@" + place) ? "\(name) at \(place)" : name
    }
}

extension NodeConfiguration: CustomStringConvertible {
    /// The DSN without its secrets.
    public var description: String { redactedDSN }
}

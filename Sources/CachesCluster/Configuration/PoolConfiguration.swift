public import CachesTransport

/// Many servers, and how they are used together.
public struct PoolConfiguration: Hashable, Sendable {
    /// The servers. Their order does not matter, except for jedis' placement of servers without names.
    public var nodes: [NodeConfiguration]

    /// Servers that have a copy of another's data: see ``NodeConfiguration/replicaOf``. They own no keys.
    public var replicas: [NodeConfiguration]

    /// The rule by which a key's server is chosen. Every program that shares the servers must have the same
    /// rule, and the same servers with the same weights: see ``CachePool/fingerprint``. Default: weighted
    /// rendezvous hashing.
    public var placement = PlacementRule.rendezvous

    /// How long a command may take in all, unless its node or its cache says otherwise. Default 1 s: a
    /// hundred times what a busy server in the same region takes, so that it passes only when something is
    /// broken, and less than the patience of a user who waits for the page.
    public var deadline = Duration.seconds(1)

    /// When a node is declared dead, and when alive again.
    public var health = HealthConfiguration()

    /// The policy for calls while the node of their key is out, unless their class has one. nil, the default:
    /// the usual policy for their kind.
    public var outagePolicy: OutagePolicy?

    /// How old values are kept from being read at a node that returns. Rules other than the defaults prove
    /// that the checker of `./dev/chaos` finds their faults.
    package var returnRules = ReturnRules()

    /// A pool of nodes, which may include replicas. They are checked when the pool is made.
    public init(nodes: [NodeConfiguration]) {
        self.nodes = nodes.filter { $0.replicaOf == nil }
        replicas = nodes.filter { $0.replicaOf != nil }
    }

    /// A pool of the servers that some DSNs name.
    ///
    /// - Throws: ``CachesError`` with code `configuration`, which counts the DSNs from 1: `DSN 2: …`. Two
    ///   servers with one name are an error too, and so is an empty list.
    public init(dsns: [String]) throws(CachesError) {
        var nodes = [NodeConfiguration]()
        for (index, dsn) in dsns.enumerated() {
            nodes.append(try NodeConfiguration(dsn: dsn, source: "DSN \(index + 1)"))
        }
        self.init(nodes: nodes)
        _ = try directory()
    }
}

public import CachesTransport

/// Finds the node that owns a key, by any of the rules.
///
/// ```swift
/// let placement = try Placement(
///     .ketama, [.init("10.0.1.1:11211", weight: 600), .init("10.0.1.2:11211", weight: 300)])
/// placement.owner(of: "user.42")    // the index of a node
/// placement.order(of: "user.42")    // all indices, the owner first: where to go when it is down
/// ```
///
/// It is made once, and then looks up without allocating. A ``CachePool`` has one for all of its nodes and
/// one for each group.
public struct Placement: Sendable {
    /// A node as a rule sees it.
    public struct Node: Hashable, Sendable {
        /// The text that is hashed for the node: see ``PlacementRule``. For jedis alone it may be empty, for
        /// a node without a name.
        public var identity: String

        /// The node's share of the keys, relative to the other nodes': 0.001 to 1 000 000.
        public var weight: Double

        /// A node with an identity. The weight is 1 by default.
        public init(_ identity: String, weight: Double = 1) {
            self.identity = identity
            self.weight = weight
        }
    }

    // One concrete type per rule, so that a look-up is compiled for each.
    private enum Table: Sendable {
        case rendezvous(WeightedRendezvous)
        case ketama(HashRing<Ketama>)
        case twemproxy(HashRing<Twemproxy>)
        case goRedis(GoRedisRendezvous)
        case redisRB(HashRing<RedisRB>)
        case jedis(HashRing<Jedis>)
    }

    /// The rule.
    public let rule: PlacementRule

    /// The nodes, in the order given: look-ups return indices into it.
    public let nodes: [Node]

    private let table: Table

    /// A placement of keys on nodes.
    ///
    /// - Throws: ``CachesError`` of code `configuration`, which names the node: there is no node, two have
    ///   the same identity, or a weight is out of range or of a kind that the rule doesn't have.
    public init(_ rule: PlacementRule, _ nodes: [Node]) throws(CachesError) {
        try self.init(rule, nodes, sources: nodes.map(\.identity))
    }

    /// A placement of keys on nodes. Errors call each node by its source.
    init(_ rule: PlacementRule, _ nodes: [Node], sources: [String]) throws(CachesError) {
        guard !nodes.isEmpty else {
            throw CachesError(.configuration, "a placement needs at least one node.")
        }
        if let (position, fault) = Self.fault(rule, nodes) { throw fault.error(in: sources[position]) }
        self.rule = rule
        self.nodes = nodes
        table =
            switch rule {
            case .rendezvous: .rendezvous(WeightedRendezvous(nodes.map { ($0.identity, $0.weight) }))
            case .ketama: .ketama(HashRing(nodes))
            case .twemproxy: .twemproxy(HashRing(nodes))
            case .goRedis: .goRedis(GoRedisRendezvous(nodes))
            case .redisRB: .redisRB(HashRing(nodes))
            case .jedis: .jedis(HashRing(nodes))
            }
    }

    /// The first fault in some nodes, and the position of the node that has it.
    private static func fault(
        _ rule: PlacementRule, _ nodes: [Node]
    ) -> (position: Int, fault: ConfigurationFault)? {
        var identities = Set<String>()
        for (position, node) in nodes.enumerated() {
            let isKnownByPosition = rule == .jedis && node.identity.isEmpty
            guard isKnownByPosition || identities.insert(node.identity).inserted else {
                return (
                    position,
                    ConfigurationFault(
                        "the identity \(node.identity) is that of another server already.",
                        advice: "The placement \(rule.rawValue) needs one of its own for each.")
                )
            }
            guard NodeConfiguration.weights.contains(node.weight) else {
                return (position, NodeConfiguration.weightFault)
            }
        }
        return rule.fault(in: nodes.map(\.weight))
    }

    /// The index of the node that owns a key. Allocates nothing.
    public func owner(of key: String) -> Int {
        guard case .rendezvous(let table) = table else { return key.withUTF8Span { ownerByPeer(of: $0) } }
        return table.owner(of: key)
    }

    /// The index of the node that owns a key. Allocates nothing.
    @inline(__always)
    func owner(of key: KeyBytes) -> Int {
        guard case .rendezvous(let table) = table else { return key.withSpan { ownerByPeer(of: $0) } }
        return table.owner(ofHash: key.withSpan { HashTag.hash(of: $0) })
    }

    /// The index of the node that owns a key, given as the bytes that a server sees. Allocates nothing.
    public func owner(of key: Span<UInt8>) -> Int { ownerByPeer(of: key) }

    // A function of its own, so that the common case needs few registers.
    @inline(never)
    private func ownerByPeer(of key: Span<UInt8>) -> Int {
        switch table {
        case .rendezvous(let table): table.owner(ofHash: HashTag.hash(of: key))
        case .ketama(let ring): ring.owner(at: Ketama.position(of: key))
        case .twemproxy(let ring): ring.owner(at: Twemproxy.position(of: key))
        case .goRedis(let table): table.owner(ofHash: HashTag.hash(of: key))
        case .redisRB(let ring): ring.owner(at: RedisRB.position(of: key))
        case .jedis(let ring): ring.owner(at: Jedis.position(of: key))
        }
    }

    /// The indices of all nodes: the owner, then the nodes to use when it is down.
    ///
    /// By falling score, or in the order in which the nodes follow the key on the ring; a node whose weight
    /// is too small for a point on the ring comes last.
    public func order(of key: String) -> [Int] {
        key.withUTF8Span { key in
            switch table {
            case .rendezvous(let table): table.order(of: key)
            case .ketama(let ring): ring.order(of: key)
            case .twemproxy(let ring): ring.order(of: key)
            case .goRedis(let table): table.order(of: key)
            case .redisRB(let ring): ring.order(of: key)
            case .jedis(let ring): ring.order(of: key)
            }
        }
    }

    /// Explains why a key is where it is.
    public func explanation(of key: String) -> PlacementExplanation {
        key.withUTF8Span { key in
            switch table {
            case .rendezvous(let table): table.explanation(of: key)
            case .ketama(let ring): ring.explanation(of: key)
            case .twemproxy(let ring): ring.explanation(of: key)
            case .goRedis(let table): table.explanation(of: key)
            case .redisRB(let ring): ring.explanation(of: key)
            case .jedis(let ring): ring.explanation(of: key)
            }
        }
    }
}

/// A rule by which a key's node is chosen.
///
/// ``rendezvous`` is the rule of this library. The others are those of other clients, so that a program can
/// take over a fleet with the keys where they are: `CACHES_POOL=placement=ketama`, or
/// ``PoolConfiguration/placement``. A rule is a contract with every other process that shares the servers:
/// all of them must follow the same.
///
/// If a key has a part between `{` and `}`, that part alone decides (the rule of Redis Cluster). `redis-rb`
/// looks for it only at the beginning of a line.
public enum PlacementRule: String, CaseIterable, Hashable, Sendable {
    /// Weighted rendezvous hashing over xxHash64: see ``WeightedRendezvous``. The default.
    case rendezvous

    /// The ring of libketama, with its MD5 of keys: many clients call it "ketama".
    ///
    /// A node's identity is `host:port`. Weights are whole numbers.
    case ketama

    /// The ring of twemproxy (`distribution: ketama`, `hash: fnv1a_64`, both its defaults, and
    /// `hash_tag: "{}"`).
    ///
    /// A node's identity is the server's name in twemproxy's configuration; without a name, it is the host if
    /// the port is 11211, and else `host:port`. Weights are whole numbers.
    case twemproxy

    /// The rendezvous hashing of go-redis' `Ring`.
    ///
    /// A node's identity is the name of its shard. There are no weights.
    case goRedis = "go-redis"

    /// The ring of redis-rb's `Redis::Distributed`, since its points are made by MD5 (5.0).
    ///
    /// A node's identity is its id; without a name, it is the URL that redis-rb makes of its address:
    /// `redis://host:port`, and `/database` unless that is 0. There are no weights.
    case redisRB = "redis-rb"

    /// The ring of jedis' `ShardedJedis` with its MurmurHash.
    ///
    /// A node's identity is its name; without a name, it is the position in the list, so that **the order of
    /// the servers matters.** Weights are whole numbers, 10 000 at most in total.
    case jedis
}

extension PlacementRule {
    /// The weights that nodes may have.
    enum Weights {
        case any, whole, equal
    }

    /// The maximum of the sum of all weights with ``jedis``: 1.6 million points, 32 MB.
    private static let largestSumOfJedis = 10_000.0

    var weights: Weights {
        switch self {
        case .rendezvous: .any
        case .ketama, .twemproxy, .jedis: .whole
        case .goRedis, .redisRB: .equal
        }
    }

    /// The first fault in the weights of some nodes, and the position of the node that has it; nil if the
    /// rule's other clients can be given the same weights.
    func fault(in weights: [Double]) -> (position: Int, fault: ConfigurationFault)? {
        switch self.weights {
        case .any: break
        case .whole:
            guard let position = weights.firstIndex(where: { $0 != $0.rounded() }) else { break }
            return (
                position,
                ConfigurationFault(
                    "the placement \(rawValue) takes whole numbers as weights.",
                    advice: "Multiply all weights by the same number.")
            )
        case .equal:
            guard let position = weights.firstIndex(where: { $0 != weights[0] }) else { break }
            return (
                position,
                ConfigurationFault(
                    "the placement \(rawValue) has no weights.",
                    advice: "Remove them, or choose another placement.")
            )
        }
        guard self == .jedis, weights.reduce(0, +) > Self.largestSumOfJedis else { return nil }
        return (
            weights.count - 1,
            ConfigurationFault(
                "the placement jedis takes weights of \(Int(Self.largestSumOfJedis)) in all, and these are more.",
                advice: "It has 160 points for each: divide all weights by the same number.")
        )
    }
}

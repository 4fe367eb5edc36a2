/// The behavior of a call while the node that owns its key is out: unreachable, hanging, or loading its data.
///
/// It is a setting of one object, of its class, or of the pool, in that order; the default is the kind's. It
/// never changes an answer, including an error of the server.
public struct OutagePolicy: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case fail, miss
        case gutter(ttl: Duration)
    }

    let kind: Kind

    /// The call throws, and says which node is out. The default of collections, gates, locks and limits,
    /// where an empty stand-in would be a wrong answer.
    public static let fail = OutagePolicy(kind: .fail)

    /// Reads find nothing. Writes are dropped, and counted in `CacheCounters.dropped`.
    ///
    /// Calls that have no true answer without the node still throw: a counter, a claim, a lock, an element
    /// popped.
    public static let miss = OutagePolicy(kind: .miss)

    /// The next node by falling claim to the key stands in. The default of single values.
    ///
    /// It begins empty, and keeps values for a short time at most. Each key that is written is noted there
    /// and on the node after it, and removed at the node that was out before any process that saw the outage
    /// reads from it again. No other key is touched. If two nodes that may have notes do not answer by then,
    /// the keys that they stand in for are in doubt for 2 · `retry-cap` + 5 s at most (15 s): reads find
    /// nothing unless the value was written since (`CacheCounters.doubted`), and calls without a true answer
    /// throw. For planned changes use ``CachePool/reconfigure(to:handOver:)`` instead. Calls that have no
    /// true answer without the node throw, as with ``miss``, and so does every call of a collection.
    ///
    /// If fewer than two other nodes are in use, it is ``fail``; in a fleet of two, one is enough.
    ///
    /// - Parameter ttl: How long a value is kept there at most, from 1 ms to a day; other times are clamped.
    ///   Default 10 s: programs that see different nodes as out may read a stand-in's value that is this old.
    public static func gutter(ttl: Duration = .seconds(10)) -> OutagePolicy {
        OutagePolicy(kind: .gutter(ttl: min(max(ttl, .milliseconds(1)), longestGutterTTL)))
    }

    static let longestGutterTTL = Duration.seconds(24 * 3600)

    /// With the default ttl.
    public static let gutter = gutter()

    /// How long a stand-in keeps a value; nil if the policy has no stand-in.
    package var gutterTTL: Duration? { if case .gutter(let ttl) = kind { ttl } else { nil } }
}

extension OutagePolicy: CustomStringConvertible {
    /// `fail`, `miss` or `gutter`.
    public var description: String {
        switch kind {
        case .fail: "fail"
        case .miss: "miss"
        case .gutter: "gutter"
        }
    }
}

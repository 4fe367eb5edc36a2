/// What a call does while the node that owns its key is out: not to be reached, hanging, or loading its data.
///
/// It is a setting of a class (``CacheEntry/outagePolicy``) or of one object. What was answered, an error of the
/// server included, is never touched by it.
public struct OutagePolicy: Hashable, Sendable {
    private let name: String

    /// The call throws, and says which node is out. The default.
    public static let fail = OutagePolicy(name: "fail")

    /// Reads find nothing. Writes are dropped, and counted in ``CacheCounters/dropped``.
    ///
    /// What has no true answer without its node still throws: a counter, a claim, a lock, an element popped.
    public static let miss = OutagePolicy(name: "miss")
}

extension OutagePolicy: CustomStringConvertible {
    /// The policy's name.
    public var description: String { name }
}

extension CachesError {
    /// Whether the node was out, as against: it answered, or the call was wrong.
    var meansOutage: Bool {
        switch code {
        case .unreachable, .connectionLost, .timeout, .overloaded, .tls: true
        // A user who may not run one command is an error of the configuration, on a node that is well.
        case .authentication: !message.contains("NOPERM")
        default:
            Unreadiness(self) != nil || code.serverName.map { CachesError.passing.contains($0) } ?? false
        }
    }

    /// What a cluster answers while it changes, beside what any server does.
    private static let passing: Set = ["CLUSTERDOWN", "TRYAGAIN"]
}

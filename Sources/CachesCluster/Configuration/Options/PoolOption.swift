import CachesTransport

/// An option in `CACHES_POOL`.
public typealias PoolOption = ConfigurationOption<PoolConfiguration>

extension ConfigurationOption where Settings == PoolConfiguration {
    /// Every option that `CACHES_POOL` may hold, as the documentation lists them.
    public static let all: [PoolOption] = [
        PoolOption(
            "deadline", .duration, "How long a command may take in all, where its server has no timeout.",
            defaults: PoolConfiguration(nodes: []), get: \.deadline, set: { $0.deadline = $1 }),
        PoolOption(
            "placement", .choice, "The rule by which a key's server is chosen.",
            defaults: PoolConfiguration(nodes: []), get: \.placement, set: { $0.placement = $1 }),
        PoolOption(
            "outage", .outagePolicy,
            "The policy for calls while the server of their key is out, unless their class has one.",
            defaults: PoolConfiguration(nodes: []), absent: "gutter for single values, fail for all else",
            get: \.outagePolicy, set: { $0.outagePolicy = $1 }),
        PoolOption(
            "ping-interval", .duration, "How often a server that is well is asked for a sign of life.",
            defaults: PoolConfiguration(nodes: []), get: \.health.pingInterval,
            set: { $0.health.pingInterval = $1 }),
        PoolOption(
            "ping-timeout", .duration, "How long a sign of life may take.",
            defaults: PoolConfiguration(nodes: []), get: \.health.pingTimeout,
            set: { $0.health.pingTimeout = $1 }),
        PoolOption(
            "failures-to-eject", .count(from: 1), "How many failures in a row put a server out.",
            defaults: PoolConfiguration(nodes: []), get: \.health.failuresToEject,
            set: { $0.health.failuresToEject = $1 }),
        PoolOption(
            "successes-to-return", .count(from: 1), "How many signs of life in a row bring a server back.",
            defaults: PoolConfiguration(nodes: []), get: \.health.successesToReturn,
            set: { $0.health.successesToReturn = $1 }),
        PoolOption(
            "first-retry", .duration,
            "How long a server that is out is left alone at first; doubles with each failure.",
            defaults: PoolConfiguration(nodes: []), get: \.health.firstRetry,
            set: { $0.health.firstRetry = $1 }),
        PoolOption(
            "retry-cap", .duration, "How long a server that is out is left alone at most.",
            defaults: PoolConfiguration(nodes: []), get: \.health.retryCap,
            set: { $0.health.retryCap = $1 }),
    ]
}

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
    ]
}

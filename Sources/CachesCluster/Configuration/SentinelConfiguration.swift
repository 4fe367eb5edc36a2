public import CachesTransport

/// Sentinels, and what they are asked for.
public struct SentinelConfiguration: Hashable, Sendable {
    /// Some of the Sentinels; at least one. Three or more, on machines of their own, are usual.
    public var sentinels: [Endpoint]

    /// What the Sentinels call the primary and its replicas: `mymaster` in their own configuration.
    public var service: String

    /// How to log in to the Sentinels. nil, the default: not at all. The servers have their own.
    public var credentials: Credentials?

    /// Where ``credentials`` come from instead, if they change while the process runs. nil, the default: they don't.
    public var credentialsProvider: CredentialsProvider?

    public init(sentinels: [Endpoint], service: String, credentials: Credentials? = nil) {
        self.sentinels = sentinels
        self.service = service
        self.credentials = credentials
    }

    /// Whether the two are one, as far as what they name tells: the same name, asked of a Sentinel that both know.
    func isSameService(as other: SentinelConfiguration) -> Bool {
        service == other.service && !Set(sentinels).isDisjoint(with: other.sentinels)
    }
}

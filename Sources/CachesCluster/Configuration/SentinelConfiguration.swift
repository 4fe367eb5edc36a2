public import CachesTransport

/// Sentinels, and the service they are asked for.
public struct SentinelConfiguration: Hashable, Sendable {
    /// Some of the Sentinels; at least one. Three or more, on separate machines, are usual.
    public var sentinels: [Endpoint]

    /// The Sentinels' name for the primary and its replicas: `mymaster` in their own configuration.
    public var service: String

    /// How to log in to the Sentinels. nil, the default: no login. The servers have their own credentials.
    public var credentials: Credentials?

    /// The provider of ``credentials``, if they change while the process runs. nil, the default: they don't.
    public var credentialsProvider: CredentialsProvider?

    public init(sentinels: [Endpoint], service: String, credentials: Credentials? = nil) {
        self.sentinels = sentinels
        self.service = service
        self.credentials = credentials
    }

    /// Whether the two are the same, as far as their settings tell: the same name at a Sentinel that both
    /// know.
    func isSameService(as other: SentinelConfiguration) -> Bool {
        service == other.service && !Set(sentinels).isDisjoint(with: other.sentinels)
    }
}

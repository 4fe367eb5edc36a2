public import CachesTransport

/// Sentinels, and what they are asked for.
public struct SentinelConfiguration: Hashable, Sendable {
    /// Some of the Sentinels; at least one. Three or more, on machines of their own, are usual.
    public var sentinels: [Endpoint]

    /// What the Sentinels call the primary and its replicas: `mymaster` in their own configuration.
    public var service: String

    /// How to log in to the Sentinels. nil, the default: not at all. The servers have their own.
    public var credentials: Credentials?

    public init(sentinels: [Endpoint], service: String, credentials: Credentials? = nil) {
        self.sentinels = sentinels
        self.service = service
        self.credentials = credentials
    }
}

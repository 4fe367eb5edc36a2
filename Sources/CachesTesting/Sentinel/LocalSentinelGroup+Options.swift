extension LocalSentinelGroup {
    /// The options of a group.
    ///
    /// ```swift
    /// var options = LocalSentinelGroup.Options(server: LocalServer.Options(transport: .tls()))
    /// options.sentinelAccess = .password("s3cret")
    /// let group = try await LocalSentinelGroup.start(options)
    /// ```
    public struct Options: Hashable, Sendable {
        /// The options of the master and its replicas: TCP or TLS, which the sentinels and the replication
        /// then speak as well; access control. Its name is the group's; nil: `main`.
        public var server: LocalServer.Options

        /// How many replicas the master has, 0 or more. Default 2.
        public var replicas: Int

        /// How many sentinels there are, 1 or more. Default 3. More than half of them have to agree that the
        /// master is down, and on who leads the failover.
        public var sentinels: Int

        /// The access control of the sentinels. Default: anyone may use them.
        public var sentinelAccess: LocalServer.Access

        /// The sentinels' name for the master. Default: `mymaster`.
        public var service: String

        /// How long the master may not answer before a sentinel takes it for down. Default 1 s: less is taken
        /// for an outage on a machine that does much else.
        public var downAfter: Duration

        /// How long a failover may take; after twice that another is tried. Default 10 s.
        public var failoverTimeout: Duration

        /// Makes options; each has its default.
        public init(
            server: LocalServer.Options = LocalServer.Options(), replicas: Int = 2, sentinels: Int = 3,
            sentinelAccess: LocalServer.Access = .open, service: String = "mymaster",
            downAfter: Duration = .seconds(1), failoverTimeout: Duration = .seconds(10)
        ) {
            self.server = server
            self.replicas = replicas
            self.sentinels = sentinels
            self.sentinelAccess = sentinelAccess
            self.service = service
            self.downAfter = downAfter
            self.failoverTimeout = failoverTimeout
        }
    }
}

extension LocalSentinelGroup.Options {
    /// The name in the group's DSN.
    var name: String { server.name ?? "main" }

    /// How many sentinels have to find the master down.
    var quorum: Int { sentinels / 2 + 1 }

    /// The options of the master and the replicas: `main1`, `main2`, …
    var servers: [LocalServer.Options] {
        var stem = server
        stem.name = name
        return stem.repeated(1 + replicas)
    }

    /// The options of the sentinels.
    var watchers: [LocalServer.Options] {
        LocalServer.Options(name: "sentinel", transport: server.transport, access: sentinelAccess)
            .repeated(sentinels)
    }
}

extension LocalServer {
    /// The options of one server of a fleet.
    ///
    /// ```swift
    /// var options = LocalServer.Options(transport: .tls(), access: .user("app", password: "s3cret"))
    /// options.lines = ["maxmemory 64mb"]
    /// let fleet = try await LocalFleet.start([options])
    /// ```
    public struct Options: Hashable, Sendable {
        /// The node's name, which its DSN carries as its fragment. nil: `redis1`, `redis2`, … by position.
        public var name: String?

        /// How clients reach it. Default: TCP.
        public var transport: Transport

        /// The access control. Default: anyone may use it.
        public var access: Access

        /// How many databases it has, 1 or more. Default 16, as Redis has it.
        public var databases: Int

        /// Whether data outlives the process, so that ``LocalServer/restart(_:deadline:)`` can bring it back:
        /// the server then logs each write before it answers (`appendonly`). Default: false.
        public var keepsData: Bool

        /// Further lines of its `redis.conf`. They come last, so that they win over the fleet's own.
        public var lines: [String]

        /// Makes options; each has its default.
        public init(
            name: String? = nil, transport: Transport = .tcp, access: Access = .open, databases: Int = 16,
            keepsData: Bool = false, lines: [String] = []
        ) {
            self.name = name
            self.transport = transport
            self.access = access
            self.databases = databases
            self.keepsData = keepsData
            self.lines = lines
        }
    }

    /// The data of a restarted server.
    public enum Contents: Hashable, Sendable {
        /// Nothing.
        case nothing
        /// All writes that it had acknowledged. Only where ``Options/keepsData`` is set.
        case itsData
    }

    /// How clients reach a server.
    public enum Transport: Hashable, Sendable {
        /// Plain TCP on a free port of 127.0.0.1 and ::1.
        case tcp
        /// A unix socket in the fleet's private folder.
        case unix
        /// TLS alone, on a free port of 127.0.0.1 and ::1.
        case tls(TLS = TLS())
    }

    /// A TLS server's certificate, and whether it asks clients for one.
    public struct TLS: Hashable, Sendable {
        /// A server's policy for client certificates.
        public enum ClientCertificates: String, Hashable, Sendable, CaseIterable {
            /// Asks for none. The default.
            case ignored = "no"
            /// Asks for one and checks it, but takes clients without.
            case optional
            /// Refuses clients without one.
            case required = "yes"
        }

        /// The certificate that the server shows. Default: one that clients with the fleet's CA accept.
        public var certificate: TestCertificates.ServerCertificate

        /// Whether clients have to show one. Unless ignored, the server's DSN carries the client's `cert` and
        /// `key`.
        public var clientCertificates: ClientCertificates

        /// Makes TLS options; each has its default.
        public init(
            certificate: TestCertificates.ServerCertificate = .valid,
            clientCertificates: ClientCertificates = .ignored
        ) {
            self.certificate = certificate
            self.clientCertificates = clientCertificates
        }
    }

    /// How the nodes of a cluster call each other to clients, in `CLUSTER SLOTS` and in redirections.
    ///
    /// See `cluster-preferred-endpoint-type` in https://github.com/redis/redis/blob/7.0/redis.conf
    public enum ClusterEndpoint: Hashable, Sendable, CaseIterable {
        /// By address: `127.0.0.1`. The default.
        case address
        /// By host name: `localhost`.
        case hostname
        /// Not at all: a client has to take the host that it has asked.
        case unknown
    }

    /// The access control of a server.
    public enum Access: Hashable, Sendable {
        /// Anyone.
        case open
        /// Clients that know the password (`requirepass`).
        case password(String)
        /// One ACL user (Redis 6.2 or later); the default user is off. `rules` are those of `ACL SETUSER`,
        /// separated by spaces: the user's permissions. Default: everything.
        case user(String, password: String, rules: String = "~* &* +@all")
    }
}

extension LocalServer.Options {
    /// The options of so many servers that are all alike, but for their names' numbers.
    package func repeated(_ count: Int) -> [LocalServer.Options] {
        (0..<count).map { index in
            var each = self
            each.name = "\(name ?? "redis")\(index + 1)"
            return each
        }
    }
}

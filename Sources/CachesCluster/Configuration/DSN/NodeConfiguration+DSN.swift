public import CachesTransport

extension NodeConfiguration {
    /// Reads `scheme://[user:password@]host[:port][/database][?options][#name]`.
    ///
    /// - The scheme is `redis` or `valkey`, `rediss` or `valkeys` for TLS, or `unix` with the path of a
    ///   socket in place of host, port and database: `unix:///run/redis.sock?db=2`. ``DSNScheme`` adds
    ///   others.
    /// - User and password are percent-decoded. One word before the `@` is a password.
    /// - The host is a name, an IPv4 address, or an IPv6 address in brackets. The port is 6379 by default.
    /// - `redis+cluster://host[:port],host[:port]…` names some servers of a cluster. `redis+sentinel://`
    ///   names Sentinels, with port 26379 by default, and in its path their name for the primary:
    ///   `/mymaster/0`. With `rediss+…` all of them are reached by TLS.
    /// - The options are those of ``DSNOption``.
    /// - The name is the node's name and identity. `sessions/a` is node a of the group `sessions`.
    ///
    /// - Parameters:
    ///   - dsn: The text.
    ///   - source: The source of the text for errors: the name of an environment variable.
    /// - Throws: ``CachesError`` with code `configuration`, which names the fault and its place, and quotes
    ///   nothing that may be secret.
    public init(dsn: String, source: String = "the DSN") throws(CachesError) {
        do throws(ConfigurationFault) {
            try self.init(DSN(dsn), source: source)
        } catch {
            throw error.error(in: source)
        }
    }

    private init(_ dsn: DSN, source: String) throws(ConfigurationFault) {
        let scheme = try DSNScheme.named(dsn.scheme)
        let (endpoint, deployment, database) = try dsn.destination(scheme)
        var connection = ConnectionConfiguration(endpoint: endpoint)
        connection.tls = scheme.transport == .tls ? TLSConfiguration() : nil
        scheme.defaults(&connection)
        self.init(connection: connection, deployment: deployment, source: source)

        if let database { self.connection.database = database }
        let given = try DSNOption.all.apply(dsn.query ?? [], to: &self)
        if let database, given.contains("db"), self.connection.database != database {
            throw ConfigurationFault("the path and the option db name different databases.")
        }
        try checkDeployment()
        if let file = self.connection.credentialsProvider?.file {
            self.connection.credentialsProvider = .passwordFile(file, username: try dsn.userOfPasswordFile())
        } else {
            self.connection.credentials = try dsn.credentials()
        }
        if let tls = self.connection.tls, tls.keyPassword != nil, tls.keyFile == nil {
            throw ConfigurationFault(
                "a password for a key is given, but no key.", advice: "Set key=FILE, too.")
        }
        if let tls = self.connection.tls, (tls.certificateFile == nil) != (tls.keyFile == nil) {
            let (one, other) = tls.keyFile == nil ? ("cert", "key") : ("key", "cert")
            throw ConfigurationFault("the option \(one) is given without \(other): they belong together.")
        }

        name = Self.defaultName(of: self.connection, deployment)
        if let (name, group) = try dsn.name() { (self.name, self.group) = (name, group) }
    }

    /// Checks the options that only a server by itself, or only a deployment, may have.
    private func checkDeployment() throws(ConfigurationFault) {
        if maximumServers != Self.usualMaximumServers {
            guard case .cluster = deployment else {
                throw ConfigurationFault(
                    "the option max-servers is for clusters.",
                    advice: "Begin the DSN with redis+cluster:// or rediss+cluster://, or remove the option.")
            }
        }
        switch deployment {
        case .server:
            guard refreshInterval == nil || connection.endpoint.isName else {
                throw ConfigurationFault(
                    "the option refresh-interval is for clusters, Sentinels and hosts that have a name, and this is one server at an address."
                )
            }
            guard addressMap == nil else {
                throw ConfigurationFault(
                    "the option map is for clusters and Sentinels, and this is one server.",
                    advice: "Write the address at which it is reached as the DSN's host.")
            }
            return
        case .cluster:
            guard connection.database == 0 else {
                throw ConfigurationFault(
                    "a cluster has no database but 0.", advice: "Leave the database out of the DSN.")
            }
        case .sentinel(let sentinels):
            guard !sentinels.lacksPassword else {
                throw ConfigurationFault(
                    "the option sentinel-user is given without a password.",
                    advice: "Set sentinel-password-file=FILE, too.")
            }
        }
        guard replicaOf == nil else {
            throw ConfigurationFault(
                "the option replica-of is for a server, and replicas of a cluster or of Sentinels are found.",
                advice: "Leave it out: classes that want to read from replicas do.")
        }
    }

    /// The configuration as a DSN, with `***` for the password and without options that have their default:
    /// `rediss://user:***@host:6379/2?timeout=500ms#name`.
    public var redactedDSN: String {
        var text: String
        let user =
            connection.credentialsProvider?.username.map { PercentEncoding.encode($0) + ":@" }
            ?? connection.credentials.map {
                ($0.username.map { PercentEncoding.encode($0) + ":" } ?? "") + "***@"
            }
        var defaults = NodeConfiguration(connection: ConnectionConfiguration(endpoint: connection.endpoint))
        defaults.connection.tls = connection.tls.map { _ in TLSConfiguration() }
        let scheme = connection.tls == nil ? "redis" : "rediss"
        switch (deployment, connection.endpoint) {
        case (.cluster(let seeds), _):
            text = "\(scheme)+cluster://\(user ?? "")\(Self.list(seeds))"
        case (.sentinel(let configuration), _):
            defaults.connection.database = connection.database
            text = "\(scheme)+sentinel://\(user ?? "")\(Self.list(configuration.sentinels))"
            text += "/\(PercentEncoding.encode(configuration.service))/\(connection.database)"
        case (.server, .tcp):
            defaults.connection.database = connection.database
            text = "\(scheme)://\(user ?? "")\(Self.list([connection.endpoint]))/\(connection.database)"
        case (.server, .unix(let path)):
            text = "unix://" + (user ?? "") + PercentEncoding.encode(path, allowing: "/")
        }
        let options = DSNOption.all.compactMap { option in
            option.read(self).flatMap { value in
                value == option.read(defaults)
                    ? nil : "\(option.name)=\(PercentEncoding.encode(value, allowing: "/:,+*=[]"))"
            }
        }
        if !options.isEmpty { text += "?" + options.joined(separator: "&") }
        if isNamed {
            text += "#" + PercentEncoding.encode(name, allowing: "/:[]")
        }
        return text
    }

    private static func list(_ endpoints: [Endpoint]) -> String {
        endpoints.map { endpoint in
            guard case .tcp(let host, let port) = endpoint else { return endpoint.description }
            return Endpoint.tcp(host: PercentEncoding.encode(host, allowing: ":"), port: port).description
        }.joined(separator: ",")
    }
}

extension DSN {
    /// The destination of the DSN: the server to ask first, the kind of the deployment, and the database, nil
    /// if none is given.
    fileprivate func destination(
        _ scheme: DSNScheme
    ) throws(ConfigurationFault) -> (Endpoint, Deployment, database: Int?) {
        guard scheme.transport != .unix else { return (try socket(), .server, nil) }
        switch scheme.kind {
        case .server: return (try server(), .server, try database())
        case .cluster:
            let seeds = try servers(defaultPort: scheme.kind.defaultPort)
            return (seeds[0], .cluster(seeds: seeds), try database())
        case .sentinel:
            let sentinels = try servers(defaultPort: scheme.kind.defaultPort)
            let (service, database) = try service()
            let configuration = SentinelConfiguration(sentinels: sentinels, service: service)
            return (sentinels[0], .sentinel(configuration), database)
        }
    }
}

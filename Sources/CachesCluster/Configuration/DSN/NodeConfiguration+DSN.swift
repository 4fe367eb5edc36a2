public import CachesTransport

extension NodeConfiguration {
    /// Reads `scheme://[user:password@]host[:port][/database][?options][#name]`.
    ///
    /// - The scheme is `redis` or `valkey`, `rediss` or `valkeys` for TLS, or `unix` with the path of a socket
    ///   in place of host, port and database: `unix:///run/redis.sock?db=2`. ``DSNScheme`` adds others.
    /// - User and password are percent-decoded. One word before the `@` is a password.
    /// - The host is a name, an IPv4 address, or an IPv6 address in brackets. The port is 6379 by default.
    /// - The options are those of ``DSNOption``.
    /// - The name is the node's name and identity. `sessions/a` is node a of the group `sessions`.
    ///
    /// - Parameters:
    ///   - dsn: The text.
    ///   - source: Where it comes from, for errors: the name of an environment variable.
    /// - Throws: ``CachesError`` with code `configuration`, which says what is wrong and where, and quotes
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
        let transport = try scheme.transport.get()
        let isUnix = transport == .unix
        var connection = ConnectionConfiguration(endpoint: isUnix ? try dsn.socket() : try dsn.server())
        connection.tls = transport == .tls ? TLSConfiguration() : nil
        scheme.defaults(&connection)
        self.init(connection: connection, source: source)

        let database = isUnix ? nil : try dsn.database()
        if let database { self.connection.database = database }
        let given = try DSNOption.all.apply(dsn.query ?? [], to: &self)
        if let database, given.contains("db"), self.connection.database != database {
            throw ConfigurationFault("the path and the option db name different databases.")
        }
        if let file = self.connection.credentialsProvider?.file {
            self.connection.credentialsProvider = .passwordFile(file, username: try dsn.userOfPasswordFile())
        } else {
            self.connection.credentials = try dsn.credentials()
        }
        if let tls = self.connection.tls, tls.keyPassword != nil, tls.keyFile == nil {
            throw ConfigurationFault(
                "a password for a key is given, and no key.", advice: "Set key=FILE, too.")
        }
        if let tls = self.connection.tls, (tls.certificateFile == nil) != (tls.keyFile == nil) {
            let (one, other) = tls.keyFile == nil ? ("cert", "key") : ("key", "cert")
            throw ConfigurationFault("the option \(one) is given without \(other): they belong together.")
        }

        name = Self.defaultName(of: self.connection)
        if let (name, group) = try dsn.name() { (self.name, self.group) = (name, group) }
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
        switch connection.endpoint {
        case .tcp(let host, let port):
            defaults.connection.database = connection.database
            let host = PercentEncoding.encode(host, allowing: ":")
            let address = Endpoint.tcp(host: host, port: port)
            text = (connection.tls == nil ? "redis://" : "rediss://") + (user ?? "")
            text += "\(address)/\(connection.database)"
        case .unix(let path):
            text = "unix://" + (user ?? "") + PercentEncoding.encode(path, allowing: "/")
        }
        let options = DSNOption.all.compactMap { option in
            option.read(self).flatMap { value in
                value == option.read(defaults)
                    ? nil : "\(option.name)=\(PercentEncoding.encode(value, allowing: "/:,+"))"
            }
        }
        if !options.isEmpty { text += "?" + options.joined(separator: "&") }
        if isNamed {
            text += "#" + PercentEncoding.encode(name, allowing: "/:[]")
        }
        return text
    }
}

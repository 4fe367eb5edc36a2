public import CachesTransport

extension Placement {
    /// A placement of keys on configured servers, each with its identity under the rule.
    ///
    /// - Throws: ``CachesError`` of code `configuration`, which names the server's source.
    public init(_ rule: PlacementRule, on servers: [NodeConfiguration]) throws(CachesError) {
        try self.init(
            rule, servers.map { Node($0.identity(for: rule), weight: $0.weight) },
            sources: servers.map(\.source))
    }

    /// A short text that two pools share if they place all keys alike: eight hexadecimal digits.
    ///
    /// It is made of the rule and of each node's identity and weight. The nodes' order matters only if it
    /// matters to the placement.
    static func fingerprint(_ rule: PlacementRule, on servers: [NodeConfiguration]) -> String {
        var lines = servers.enumerated().map { position, server in
            // A server whose position is hashed is identified by its address.
            let identity = server.identity(for: rule)
            let subject = identity.isEmpty ? "\(position)\t\(server.name)" : identity
            return "\(subject)\t\(OptionForm.weight.print(server.weight))"
        }
        lines.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let hash = XXHash64.hash(of: ([rule.rawValue] + lines).joined(separator: "\n"))
        return UInt32(truncatingIfNeeded: hash >> 32).hexadecimal
    }
}

extension NodeConfiguration {
    /// The identity that a rule hashes for this server: the one that was set, or the rule's default.
    func identity(for rule: PlacementRule) -> String {
        if let givenIdentity { return givenIdentity }
        switch rule {
        case .rendezvous, .goRedis: return name
        case .ketama: return address
        case .twemproxy: return isNamed ? name : nameInTwemproxy
        case .redisRB: return isNamed ? name : url
        case .jedis: return isNamed ? name : ""
        }
    }

    private var address: String {
        if case .unix(let path) = connection.endpoint { path } else { connection.endpoint.description }
    }

    /// The name that twemproxy makes of an address: like libmemcached it drops the port if it is memcached's;
    /// the path of a socket keeps the colon that follows it in the configuration.
    private var nameInTwemproxy: String {
        switch connection.endpoint {
        case .tcp(let host, 11211): host
        case .tcp: address
        case .unix(let path): path + ":"
        }
    }

    /// The URL of an address in redis-rb's form.
    private var url: String {
        let database = connection.database == 0 ? nil : connection.database
        return switch connection.endpoint {
        case .tcp:
            (connection.tls == nil ? "redis" : "rediss") + "://\(address)" + (database.map { "/\($0)" } ?? "")
        case .unix: "unix://\(address)" + (database.map { "?db=\($0)" } ?? "")
        }
    }
}

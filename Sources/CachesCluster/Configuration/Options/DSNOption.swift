import CachesTransport

/// An option in the query of a DSN.
public typealias DSNOption = ConfigurationOption<NodeConfiguration>

extension ConfigurationOption where Settings == NodeConfiguration {
    /// Every option that the query of a DSN may hold, as the documentation lists them.
    public static let all: [DSNOption] = [
        option("db", .count(from: 0), \.database, "The database, where the path doesn't say it."),
        DSNOption(
            "timeout", alias: "socket_timeout", .duration,
            "How long a command may take on this server in all.", defaults: plain, absent: "the pool's",
            get: \.deadline, set: { $0.deadline = $1 }),
        option(
            "connect-timeout", .duration, \.connectTimeout,
            "How long opening a connection may take, TLS and authentication included."),
        option(
            "client-name", .clientName, \.clientName,
            "The connection's name in the server's CLIENT LIST, before a colon and the pool's fingerprint."),
        DSNOption(
            "weight", .weight, "The server's share of the keys, relative to the others' weights.",
            defaults: plain, get: \.weight, set: { $0.weight = $1 }),
        DSNOption(
            "identity", .text("a text without spaces"),
            "The text that places keys on the server, if the placement's default is wrong.",
            defaults: plain, absent: "as the placement has it",
            get: \.givenIdentity, set: { $0.identity = $1 }),
        DSNOption(
            "replica-of", .text("a server's name"),
            "The server whose data it has a copy of: it owns no keys, and classes may read from it.",
            defaults: plain, get: \.replicaOf, set: { $0.replicaOf = $1 }),
        tls(
            "verify", .choice, \.verification,
            "TLS: the checks of the certificate: authority and host name, the authority, nothing."),
        tls(
            "ca", .path, \.authorityFile,
            "TLS: a PEM file of the authorities to trust, or a directory of them.",
            absent: "the system's"),
        tls("cert", .path, \.certificateFile, "TLS: a PEM file with the client's certificate; needs key."),
        tls("key", .path, \.keyFile, "TLS: a PEM file with the client's private key; needs cert."),
        tls(
            "key-password-file", .path,
            "TLS: a file with the password of an encrypted key, and nothing else.", absent: "none",
            get: { if case .file(let path)? = $0.keyPassword { path } else { nil } },
            set: { tls, path throws(ConfigurationFault) in try tls.setKeyPassword(.file(path)) }),
        tls(
            "key-password-env", .variable,
            "TLS: the environment variable with the password of an encrypted key.", absent: "none",
            get: { if case .environment(let name)? = $0.keyPassword { name } else { nil } },
            set: { tls, name throws(ConfigurationFault) in try tls.setKeyPassword(.environment(name)) }),
        tls(
            "crl", .path, \.revocationFile,
            "TLS: a PEM file of revocation lists; the server's certificate must not be on its issuer's."),
        tls(
            "sni", .host, \.serverName,
            "TLS: the name that is asked for and that the certificate must carry.",
            absent: "the host"),
        tls(
            "hosts", .hostPatterns,
            "TLS: which hosts a cluster's servers or Sentinels may announce, beside the DSN's.",
            absent: "none",
            get: { $0.announcedHosts.isEmpty ? nil : $0.announcedHosts },
            set: { $0.announcedHosts = $1 }),
        tls("min-tls", .choice, \.minimumVersion, "TLS: the lowest version to accept."),
        tls(
            "ciphers", .text("an OpenSSL cipher list"), \.ciphers,
            "TLS: the ciphers to offer below TLS 1.3.", absent: "OpenSSL's"),
        tls(
            "cipher-suites", .text("an OpenSSL list of TLS 1.3 suites"), \.cipherSuites,
            "TLS: the suites of TLS 1.3 to offer.", absent: "OpenSSL's"),
        DSNOption(
            "password-file", .path,
            "A file with the password, and nothing else, in place of one in the DSN.",
            defaults: plain, get: { $0.connection.credentialsProvider?.file },
            set: { $0.connection.credentialsProvider = .passwordFile($1) }),
        option(
            "reload-interval", .duration, \.reloadInterval,
            "How often the files of certificates, keys and passwords are looked at for changes."),
        DSNOption(
            "refresh-interval", .duration,
            "How often a cluster or Sentinels are asked for their topology, and the host name of a single server is looked up, when nothing asks for it sooner.",
            defaults: plain, absent: "30s, 10s for Sentinels",
            get: \.refreshInterval, set: { $0.refreshInterval = $1 }),
        DSNOption(
            "map", .addressMap,
            "Clusters and Sentinels: the addresses that reach servers which announce inner ones.",
            defaults: plain, get: { $0.addressMap?.text == nil ? nil : $0.addressMap },
            set: { $0.addressMap = $1 }),
        DSNOption(
            "max-servers", .count(from: 1),
            "Clusters: the most servers that one may have; more are an error.",
            defaults: plain, get: \.maximumServers, set: { $0.maximumServers = $1 }),
        sentinel(
            "sentinel-user", .text("a text without spaces"),
            "Sentinels: the ACL user there, where it is not the default one; needs a password.",
            get: \.username, set: { $0.username = $1 }),
        sentinel(
            "sentinel-password-file", .path, "Sentinels: a file with the password there, and nothing else.",
            get: { $0.credentialsProvider?.file },
            set: { sentinels, path throws(ConfigurationFault) in try sentinels.setPassword(file: path) }),
        sentinel(
            "sentinel-password", .secret,
            "Sentinels: the password there; the servers' stands before the '@'.",
            get: { $0.credentials?.password },
            set: { sentinels, password throws(ConfigurationFault) in
                try sentinels.setPassword(password)
            }),
        option(
            "max-in-flight", .count(from: 1), \.maximumCommandsInFlight,
            "The most commands that may wait for a reply; more are refused."),
        option(
            "max-in-flight-bytes", .bytes, \.maximumBytesInFlight,
            "The most bytes of commands that may wait for a reply; more are refused."),
        option("max-reply-bytes", .bytes, \.maximumReplyBytes, "The largest reply to accept."),
        option(
            "stall-timeout", .duration, \.stallTimeout,
            "A connection is given up if commands wait and no byte has moved on it for this long."),
    ]

    /// An option that only Sentinels have.
    private static func sentinel<Value>(
        _ name: String, _ form: OptionForm<Value>, _ meaning: String,
        get: @escaping @Sendable (SentinelConfiguration) -> Value?,
        set: @escaping @Sendable (inout SentinelConfiguration, Value) throws(ConfigurationFault) -> Void
    ) -> DSNOption {
        DSNOption(
            name, form, meaning, defaults: plain,
            get: { if case .sentinel(let sentinels) = $0.deployment { get(sentinels) } else { nil } },
            set: { node, value throws(ConfigurationFault) in
                guard case .sentinel(var sentinels) = node.deployment else {
                    throw ConfigurationFault(
                        "the option \(name) is for Sentinels, but this scheme is not.",
                        advice:
                            "Begin the DSN with redis+sentinel:// or rediss+sentinel://, or remove the option."
                    )
                }
                try set(&sentinels, value)
                node.deployment = .sentinel(sentinels)
            })
    }

    /// Settings that hold the defaults.
    private static var plain: NodeConfiguration {
        NodeConfiguration(connection: ConnectionConfiguration(endpoint: .tcp(host: "localhost", port: 6379)))
    }

    private static func option<Value>(
        _ name: String, _ form: OptionForm<Value>,
        _ path: any WritableKeyPath<ConnectionConfiguration, Value> & Sendable, _ meaning: String
    ) -> DSNOption {
        DSNOption(
            name, form, meaning, defaults: plain,
            get: { $0.connection[keyPath: path] }, set: { $0.connection[keyPath: path] = $1 })
    }

    /// An option that only a connection with TLS has.
    private static func tls<Value>(
        _ name: String, _ form: OptionForm<Value>,
        _ path: any WritableKeyPath<TLSConfiguration, Value> & Sendable, _ meaning: String
    ) -> DSNOption {
        tls(name, form, meaning, absent: "", get: { $0[keyPath: path] }, set: { $0[keyPath: path] = $1 })
    }

    /// An option that only a connection with TLS has, and that may have no value.
    private static func tls<Value>(
        _ name: String, _ form: OptionForm<Value>,
        _ path: any WritableKeyPath<TLSConfiguration, Value?> & Sendable, _ meaning: String,
        absent: String = "none"
    ) -> DSNOption {
        tls(name, form, meaning, absent: absent, get: { $0[keyPath: path] }, set: { $0[keyPath: path] = $1 })
    }

    private static func tls<Value>(
        _ name: String, _ form: OptionForm<Value>, _ meaning: String, absent: String,
        get: @escaping @Sendable (TLSConfiguration) -> Value?,
        set: @escaping @Sendable (inout TLSConfiguration, Value) throws(ConfigurationFault) -> Void
    ) -> DSNOption {
        var secured = plain
        secured.connection.tls = TLSConfiguration()
        return DSNOption(
            name, form, meaning, defaults: secured, absent: absent,
            get: { $0.connection.tls.flatMap(get) },
            set: { node, value throws(ConfigurationFault) in
                guard var configuration = node.connection.tls else {
                    throw ConfigurationFault(
                        "the option \(name) is for TLS, but this scheme does not use it.",
                        advice: "Begin the DSN with rediss://, or remove the option.")
                }
                try set(&configuration, value)
                node.connection.tls = configuration
            })
    }
}

extension TLSConfiguration {
    fileprivate mutating func setKeyPassword(_ password: KeyPassword) throws(ConfigurationFault) {
        guard keyPassword == nil else {
            throw ConfigurationFault("the key's password is given twice, by a file and by a variable.")
        }
        keyPassword = password
    }
}

extension SentinelConfiguration {
    /// The user, from either kind of credentials.
    fileprivate var username: String? {
        get { credentialsProvider?.username ?? credentials?.username }
        set {
            if let file = credentialsProvider?.file {
                credentialsProvider = .passwordFile(file, username: newValue)
            } else {
                credentials = Credentials(username: newValue, password: credentials?.password ?? "")
            }
        }
    }

    fileprivate mutating func setPassword(file: String) throws(ConfigurationFault) {
        try checkHasNoPassword()
        credentialsProvider = .passwordFile(file, username: credentials?.username)
        credentials = nil
    }

    fileprivate mutating func setPassword(_ password: Secret) throws(ConfigurationFault) {
        try checkHasNoPassword()
        credentials = Credentials(username: credentials?.username, password: password)
    }

    private func checkHasNoPassword() throws(ConfigurationFault) {
        guard credentialsProvider == nil, credentials?.password ?? "" == "" else {
            throw ConfigurationFault("the Sentinels' password is given twice, in the DSN and by a file.")
        }
    }

    /// Whether there is a user without a password.
    var lacksPassword: Bool { credentials?.password == "" }
}

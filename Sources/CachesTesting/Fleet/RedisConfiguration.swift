/// The text of a `redis.conf`.
///
/// See https://redis.io/docs/latest/operate/oss_and_stack/management/config/
struct RedisConfiguration {
    private(set) var text = ""

    /// Adds a directive with its arguments, each quoted.
    mutating func add(_ directive: String, _ arguments: String...) {
        text += ([directive] + arguments.map(RedisConfiguration.quoted)).joined(separator: " ") + "\n"
    }

    /// Adds a line as it is.
    mutating func add(line: String) { text += line + "\n" }

    /// A text in double quotes, as the configuration's parser undoes them.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                quoted += "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7F:
                quoted.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16)
                quoted += "\\x" + (byte < 0x10 ? "0" : "") + digits
            }
        }
        return quoted + "\""
    }
}

extension RedisConfiguration {
    /// The configuration of one server of a fleet.
    init(
        _ options: LocalServer.Options, folder: String, port: UInt16?, addresses: [String],
        administrator: Administrator, certificates: TestCertificates?, cluster: ClusterNodeSettings? = nil
    ) {
        add("daemonize", "no")
        add("dir", folder)
        // Nothing survives the process, unless it is asked for: a restarted server is an empty one.
        add("save", "")
        add("appendonly", options.keepsData ? "yes" : "no")
        // Data handed to the kernel outlives the process, if not the machine.
        add("appendfsync", "no")
        add("auto-aof-rewrite-percentage", "0")
        add("databases", "\(options.databases)")
        add("unixsocket", "\(folder)/redis.sock")
        add("unixsocketperm", "700")
        add("protected-mode", "no")
        add(line: "bind " + addresses.joined(separator: " "))

        switch options.transport {
        case .tcp:
            add("port", "\(port ?? 0)")
        case .unix:
            add("port", "0")
        case .tls(let tls):
            add("port", "0")
            add("tls-port", "\(port ?? 0)")
            if let certificates {
                let pair = certificates.server(tls.certificate)
                add("tls-cert-file", pair.certificateFile)
                add("tls-key-file", pair.keyFile)
                add("tls-ca-cert-file", certificates.authorityFile)
                add("tls-auth-clients", tls.clientCertificates.rawValue)
            }
        }

        add(line: "user \(administrator.user) on >\(administrator.password) ~* &* +@all")
        switch options.access {
        case .open:
            break
        case .password(let password):
            add("requirepass", password)
        case .user(let name, let password, let rules):
            add(line: "user default off")
            add(line: "user \(Self.quoted(name)) on \(Self.quoted(">" + password)) \(rules)")
        }
        if let cluster { add(cluster, options, administrator: administrator, certificates: certificates) }
        for line in options.lines { add(line: line) }
    }

    /// Adds the directives that make the server a node of a cluster.
    private mutating func add(
        _ cluster: ClusterNodeSettings, _ options: LocalServer.Options, administrator: Administrator,
        certificates: TestCertificates?
    ) {
        add("cluster-enabled", "yes")
        add("cluster-port", "\(cluster.bus.port)")
        add("cluster-node-timeout", "\(cluster.nodeTimeout.wholeMilliseconds)")
        // Otherwise a node learns its address from the first that meets it.
        add("cluster-announce-ip", "127.0.0.1")
        switch cluster.endpoint {
        case .address:
            break
        case .hostname:
            add("cluster-announce-hostname", "localhost")
            add("cluster-preferred-endpoint-type", "hostname")
        case .unknown:
            add("cluster-preferred-endpoint-type", "unknown-endpoint")
        }
        add("masteruser", administrator.user)
        add("masterauth", administrator.password)
        // A master waits 5 s for more replicas to come before it sends its data, unless told not to.
        add("repl-diskless-sync-delay", "0")
        if case .tls = options.transport, let certificates {
            add("tls-cluster", "yes")
            add("tls-replication", "yes")
            // The nodes ask each other for a certificate, and the one that they show is good for servers
            // only.
            add("tls-client-cert-file", certificates.client.certificateFile)
            add("tls-client-key-file", certificates.client.keyFile)
        }
    }
}

/// The settings that a cluster node needs from its start.
struct ClusterNodeSettings {
    /// The port on which the nodes talk to each other.
    var bus: PortReservation
    /// How long a node may be silent before the others hold it to be down, in whole milliseconds.
    var nodeTimeout: Duration
    /// How nodes call each other to clients.
    var endpoint: LocalServer.ClusterEndpoint
}

/// The fleet's own user on a server: it gets in whatever the server's clients must show, also after a test
/// has changed that. The servers of a cluster share one, with which they also reach each other.
struct Administrator: Sendable {
    let user = "caches-fleet"
    let password = String(UInt64.random(in: .min ... .max), radix: 36)
}

extension Duration {
    /// In milliseconds, rounded down.
    var wholeMilliseconds: Int { Int(self / .milliseconds(1)) }
}

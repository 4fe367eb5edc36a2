import CachesTransport
import Testing

@testable import CachesCluster

/// The meaning of well-formed DSNs.
@Suite struct NodeConfigurationTests {
    @Test(
        "Each scheme names a way to the server, in any case",
        arguments: [
            ("redis", false), ("REDIS", false), ("valkey", false),
            ("rediss", true), ("RedisS", true), ("valkeys", true),
        ])
    func schemes(scheme: String, isSecure: Bool) throws {
        let node = try NodeConfiguration(dsn: "\(scheme)://cache.example")
        #expect(node.connection.endpoint == .tcp(host: "cache.example", port: 6379))
        #expect(node.connection.tls == (isSecure ? TLSConfiguration() : nil))
    }

    @Test(
        "Host and port",
        arguments: [
            ("redis://localhost", "localhost", 6379),
            ("redis://localhost:1", "localhost", 1),
            ("redis://10.0.0.1:65535", "10.0.0.1", 65_535),
            ("redis://Cache_1.Example.COM.:0080/", "cache_1.example.com.", 80),
            ("redis://[::1]", "::1", 6379),
            ("redis://[2001:DB8::ffff:10.0.0.1]:7000/1", "2001:db8::ffff:10.0.0.1", 7000),
            ("redis://pw@[fe80::1%25eth0]:7000", "fe80::1%eth0", 7000),
        ])
    func endpoints(dsn: String, host: String, port: Int) throws {
        #expect(try NodeConfiguration(dsn: dsn).connection.endpoint == .tcp(host: host, port: port))
    }

    @Test(
        "User and password are percent-decoded, and one word is a password",
        arguments: [
            ("redis://h", nil, nil),
            ("redis://pw@h", nil, "pw"),
            ("redis://:pw@h", nil, "pw"),
            ("redis://user:pw@h", "user", "pw"),
            ("redis://user:p:w@h", "user", "p:w"),
            ("redis://us%3Aer:p%40%2f%3F%23%25%C3%BC%20w@h", "us:er", "p@/?#%ü w"),
            ("redis://p+w@h", nil, "p+w"),
            ("redis://%3Apw@h", nil, ":pw"),
            ("unix://user:pw@/run/redis.sock", "user", "pw"),
        ] as [(String, String?, String?)])
    func credentials(dsn: String, user: String?, password: String?) throws {
        let expected = password.map { Credentials(username: user, password: Secret($0)) }
        #expect(try NodeConfiguration(dsn: dsn).connection.credentials == expected)
    }

    @Test(
        "The database comes from the path or the option, and both may agree",
        arguments: [
            ("redis://h", 0), ("redis://h/", 0), ("redis://h/0", 0), ("redis://h/15", 15),
            ("redis://h/2/", 2),
            ("redis://h?db=3", 3), ("redis://h/?db=3", 3), ("redis://h/3?db=3", 3),
            ("unix:///run/3?db=4", 4), ("unix:///run/3", 0),
        ])
    func database(dsn: String, database: Int) throws {
        #expect(try NodeConfiguration(dsn: dsn).connection.database == database)
    }

    @Test(
        "Unix sockets",
        arguments: [
            ("unix:///run/redis.sock", "/run/redis.sock"),
            ("redis+unix:///run/redis.sock?db=1", "/run/redis.sock"),
            ("valkey+unix://pw@/run/my%20redis%40home.sock#a", "/run/my redis@home.sock"),
        ])
    func sockets(dsn: String, path: String) throws {
        #expect(try NodeConfiguration(dsn: dsn).connection.endpoint == .unix(path: path))
    }

    @Test(
        "The fragment is name and identity; without one the address and the database are",
        arguments: [
            ("redis://h#main", "main", nil),
            ("redis://h/2?db=2#k%C3%A4se", "käse", nil),
            ("redis://h#sessions/a", "sessions/a", "sessions"),
            ("redis://h#sessions%2Fa", "sessions/a", "sessions"),
            ("redis://H.example/2", "h.example:6379/2", nil),
            ("redis://pw@h:7000?db=1", "h:7000/1", nil),
            ("redis://[::1]", "[::1]:6379/0", nil),
            ("unix:///run/redis.sock", "/run/redis.sock/0", nil),
            ("unix:///run/redis.sock?db=2", "/run/redis.sock/2", nil),
        ] as [(String, String, String?)])
    func names(dsn: String, name: String, group: String?) throws {
        let node = try NodeConfiguration(dsn: dsn)
        #expect(node.name == name)
        #expect(node.connection.name == name)
        #expect(node.identity == name)
        #expect(node.group == group)
    }

    @Test("Every option changes its setting")
    func options() throws {
        let node = try NodeConfiguration(
            dsn:
                "rediss://h?db=2&timeout=250ms&connect-timeout=3&client-name=web&weight=2.5&identity=i&replica-of=o&ca=/ca%20s.pem"
                + "&cert=/c.pem&key=/k.pem&sni=other.example&verify=ca&min-tls=1.3&ciphers=ECDHE+AESGCM:!aNULL"
                + "&key-password-file=/p&crl=/crl.pem&cipher-suites=TLS_AES_128_GCM_SHA256&reload-interval=1m"
                + "&password-file=/pw&max-in-flight-bytes=1MiB&max-in-flight=10&max-reply-bytes=2kb&stall-timeout=1m"
        )
        var connection = ConnectionConfiguration(endpoint: .tcp(host: "h", port: 6379), name: "h:6379/2")
        connection.database = 2
        connection.connectTimeout = .seconds(3)
        connection.clientName = "web"
        connection.maximumBytesInFlight = 1 << 20
        connection.maximumCommandsInFlight = 10
        connection.maximumReplyBytes = 2048
        connection.stallTimeout = .seconds(60)
        var tls = TLSConfiguration()
        tls.authorityFile = "/ca s.pem"
        tls.certificateFile = "/c.pem"
        tls.keyFile = "/k.pem"
        tls.serverName = "other.example"
        tls.verification = .ca
        tls.minimumVersion = .tls13
        tls.ciphers = "ECDHE+AESGCM:!aNULL"
        tls.keyPassword = .file("/p")
        tls.revocationFile = "/crl.pem"
        tls.cipherSuites = "TLS_AES_128_GCM_SHA256"
        connection.reloadInterval = .seconds(60)
        connection.credentialsProvider = .passwordFile("/pw")
        connection.tls = tls
        #expect(node.connection == connection)
        #expect(node.deadline == .milliseconds(250))
        #expect(node.weight == 2.5)
        #expect(node.identity == "i" && node.name == "h:6379/2" && node.replicaOf == "o")
        #expect(try NodeConfiguration(dsn: "redis+cluster://h?max-servers=5").maximumServers == 5)
        #expect(Set(DSNOption.all.map(\.name)).count == 31)
        let other = try NodeConfiguration(dsn: "rediss://h?cert=c&key=k&key-password-env=KEY_PASSWORD")
        #expect(other.connection.tls?.keyPassword == .environment("KEY_PASSWORD"))
    }

    @Test(
        "With a password file the DSN may name the user",
        arguments: [
            ("redis://h", nil), ("redis://:@h", nil), ("redis://app:@h", "app"), ("redis://a%40b:@h", "a@b"),
        ] as [(String, String?)])
    func passwordFile(dsn: String, user: String?) throws {
        let node = try NodeConfiguration(dsn: dsn + "?password-file=/pw")
        #expect(node.connection.credentialsProvider == .passwordFile("/pw", username: user))
        #expect(node.connection.credentials == nil)
        #expect(try NodeConfiguration(dsn: node.redactedDSN).connection == node.connection)
    }

    @Test("The original's name for the timeout is understood")
    func alias() throws {
        #expect(try NodeConfiguration(dsn: "redis://h?socket_timeout=1.5").deadline == .milliseconds(1500))
    }

    @Test("A DSN without options has the documented defaults")
    func defaults() throws {
        let node = try NodeConfiguration(dsn: "redis://h?", source: "CACHES_DSN")
        #expect(
            node.connection == ConnectionConfiguration(endpoint: .tcp(host: "h", port: 6379), name: node.name)
        )
        #expect(node.weight == 1)
        #expect(node.deadline == nil)
        #expect(node.source == "CACHES_DSN")
    }

    @Test(
        "The redacted DSN says everything but the password",
        arguments: [
            ("redis://h", "redis://h:6379/0"),
            ("valkeys://user:hunter2@H:7000/2#a", "rediss://user:***@h:7000/2#a"),
            ("redis://hunter2@[::1]?weight=2#s/a", "redis://***@[::1]:6379/0?weight=2#s/a"),
            ("redis://u%3As:hunter2@[fe80::1%25eth0]", "redis://u%3As:***@[fe80::1%25eth0]:6379/0"),
            ("unix://hunter2@/my%20s?db=1#k%C3%A4se", "unix://***@/my%20s?db=1#k%C3%A4se"),
            (
                "rediss://h?verify=ca&timeout=0.5s&min-tls=1.2&cert=a&key=b%26c",
                "rediss://h:6379/0?timeout=500ms&verify=ca&cert=a&key=b%26c"
            ),
        ])
    func redacted(dsn: String, expected: String) throws {
        let node = try NodeConfiguration(dsn: dsn)
        #expect(node.redactedDSN == expected)
        #expect(try NodeConfiguration(dsn: expected).redactedDSN == expected)
        for text in ["\(node)", String(reflecting: node), String(describing: [node])] {
            #expect(!text.contains("hunter2"))
        }
        var dumped = ""
        dump(node, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}

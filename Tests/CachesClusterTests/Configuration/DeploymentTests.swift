import CachesTransport
import Testing

@testable import CachesCluster

/// The meaning of DSNs of clusters and of Sentinels.
@Suite struct DeploymentTests {
    @Test(
        "A cluster's DSN names some of its servers",
        arguments: [("redis", false), ("valkey", false), ("rediss", true), ("VALKEYS", true)])
    func cluster(scheme: String, isSecure: Bool) throws {
        let node = try NodeConfiguration(
            dsn: "\(scheme)+cluster://app:s%2Fcret@A.example,b.example:7000,[::1]:7001/0?timeout=2s#main")
        let seeds: [Endpoint] = [
            .tcp(host: "a.example", port: 6379), .tcp(host: "b.example", port: 7000),
            .tcp(host: "::1", port: 7001),
        ]
        #expect(node.deployment == .cluster(seeds: seeds))
        #expect(node.connection.endpoint == seeds[0])
        #expect(node.connection.tls == (isSecure ? TLSConfiguration() : nil))
        #expect(node.connection.credentials == Credentials(username: "app", password: Secret("s/cret")))
        #expect(node.deadline == .seconds(2))
        #expect(node.name == "main")
        #expect(node.refreshInterval == nil)
    }

    @Test("A DSN of Sentinels names some of them, and their name for the primary")
    func sentinels() throws {
        let node = try NodeConfiguration(
            dsn: "rediss+sentinel://:secret@s1,s2:5000/my%2Fmaster/3?refresh-interval=1s#sessions/a")
        let sentinels: [Endpoint] = [.tcp(host: "s1", port: 26_379), .tcp(host: "s2", port: 5000)]
        #expect(
            node.deployment == .sentinel(SentinelConfiguration(sentinels: sentinels, service: "my/master")))
        #expect(node.connection.tls == TLSConfiguration())
        #expect(node.connection.database == 3)
        #expect(node.connection.credentials == Credentials(password: Secret("secret")))
        #expect(node.name == "sessions/a")
        #expect(node.group == "sessions")
        #expect(node.refreshInterval == .seconds(1))
    }

    @Test("One host is enough, and the database need not be said")
    func short() throws {
        let cluster = try NodeConfiguration(dsn: "redis+cluster://h")
        #expect(cluster.deployment == .cluster(seeds: [.tcp(host: "h", port: 6379)]))
        let sentinel = try NodeConfiguration(dsn: "redis+sentinel://h/mymaster/")
        #expect(sentinel.deployment.hosts == ["h"])
        #expect(sentinel.connection.database == 0)
    }

    @Test(
        "The redacted DSN says the same without secrets, and the default name is made of it",
        arguments: [
            (
                "redis+cluster://:pw@a:1,[::1]:2?weight=2", "redis+cluster://***@a:1,[::1]:2?weight=2",
                "a:1,[::1]:2/0"
            ),
            (
                "valkeys+cluster://u:pw@a,b?refresh-interval=5s#main",
                "rediss+cluster://u:***@a:6379,b:6379?refresh-interval=5s#main", "main"
            ),
            (
                "redis+sentinel://a,b:1/my%2Fmaster", "redis+sentinel://a:26379,b:1/my%2Fmaster/0",
                "my/master/0"
            ),
            ("rediss+sentinel://a/m/2#x", "rediss+sentinel://a:26379/m/2#x", "x"),
        ])
    func redacted(dsn: String, expected: String, name: String) throws {
        let node = try NodeConfiguration(dsn: dsn)
        #expect(node.redactedDSN == expected)
        #expect(node.name == name)
        let again = try NodeConfiguration(dsn: expected)
        #expect(again.redactedDSN == expected)
        #expect(again.deployment == node.deployment)
    }

    @Test("Sentinels have their own credentials, in any order of the options, which are never shown")
    func sentinelCredentials() throws {
        func sentinels(_ options: String) throws -> (SentinelConfiguration, NodeConfiguration) {
            let node = try NodeConfiguration(dsn: "redis+sentinel://:pw@a/m/0?\(options)#x")
            guard case .sentinel(let sentinels) = node.deployment else { throw CancellationError() }
            #expect(node.connection.credentials == Credentials(password: "pw"))
            return (sentinels, node)
        }
        for options in ["sentinel-user=w&sentinel-password=s%2Fe", "sentinel-password=s%2Fe&sentinel-user=w"]
        {
            let (found, node) = try sentinels(options)
            #expect(found.credentials == Credentials(username: "w", password: "s/e"))
            #expect(
                node.redactedDSN == "redis+sentinel://***@a:26379/m/0?sentinel-user=w&sentinel-password=***#x"
            )
        }
        for options in [
            "sentinel-user=w&sentinel-password-file=/p", "sentinel-password-file=/p&sentinel-user=w",
        ] {
            let (found, node) = try sentinels(options)
            #expect(found.credentials == nil)
            #expect(found.credentialsProvider == .passwordFile("/p", username: "w"))
            #expect(node.redactedDSN.hasSuffix("?sentinel-user=w&sentinel-password-file=/p#x"))
        }
        #expect(try sentinels("sentinel-password=s").0.credentials == Credentials(password: "s"))
    }

    @Test(
        "Faults of these DSNs are errors that say what is wrong",
        arguments: [
            ("redis+sentinel://a/m?sentinel-user=w", "without a password"),
            ("redis+sentinel://a/m?sentinel-password=Xyzzy-1905&sentinel-password-file=/p", "twice"),
            ("redis://a?sentinel-user=w", "for Sentinels"),
            ("redis+cluster://a?sentinel-password=Xyzzy-1905", "for Sentinels"),
            ("redis+sentinel://a/m?sentinel-password=", "no value"),
        ])
    func wrongSentinelCredentials(dsn: String, expected: String) throws {
        let error = try #require(throws: CachesError.self) { try NodeConfiguration(dsn: dsn) }
        #expect(error.code == .configuration)
        #expect(error.message.contains(expected))
        #expect(!"\(error)".contains("Xyzzy"))
    }

    @Test("A scheme that a program adds may lead to a cluster")
    func registered() throws {
        try DSNScheme.register("acme.cluster", as: "rediss+cluster") { $0.tls?.authorityFile = "/ca.pem" }
        let node = try NodeConfiguration(dsn: "acme.cluster://a,b")
        #expect(node.deployment.hosts == ["a", "b"])
        #expect(node.connection.tls?.authorityFile == "/ca.pem")
    }
}

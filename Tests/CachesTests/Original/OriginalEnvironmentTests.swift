import Caches
import CachesCluster
import Testing

@Suite("The original: environment and DSN")
struct OriginalEnvironmentTests {
    @Test("CACHES_DSN, CACHES_DSN_1, CACHES_DSN_2 … are read")
    func variables() throws {
        let configuration = try PoolConfiguration(environment: [
            "CACHES_DSN": "redis://h0#a", "CACHES_DSN_1": "redis://h1#b", "CACHES_DSN_2": "redis://h2#c",
        ])
        #expect(configuration.nodes.map(\.name) == ["a", "b", "c"])
    }

    @Test(
        "`scheme://[user[:password]@]host[:port][/db][?options]#name`; redis and rediss, any case; port 6379")
    func parts() throws {
        let plain = try NodeConfiguration(dsn: "REDIS://al:secret@example.org:7000/3?timeout=2#main")
        #expect(plain.name == "main")
        #expect("\(plain.connection.endpoint)" == "example.org:7000")
        #expect(plain.connection.database == 3)
        #expect(plain.deadline == .seconds(2))
        let secure = try NodeConfiguration(dsn: "Rediss://example.org")
        #expect(secure.connection.tls != nil)
        #expect("\(secure.connection.endpoint)" == "example.org:6379")
        #expect(secure.connection.database == 0)
    }

    @Test(
        "Passwords: redis://pw@host, redis://:pw@host, redis://user:pw@host; percent-decoded",
        arguments: ["redis://p%40ss@h", "redis://:p%40ss@h", "redis://al:p%40ss@h"])
    func passwords(dsn: String) throws {
        let credentials = try #require(try NodeConfiguration(dsn: dsn).connection.credentials)
        #expect(credentials == Credentials(username: dsn.contains("al:") ? "al" : nil, password: "p@ss"))
    }

    @Test("`socket_timeout`, in seconds; a command has 1 s unless something else is said")
    func timeout() throws {
        #expect(try NodeConfiguration(dsn: "redis://h?socket_timeout=0.5").deadline == .milliseconds(500))
        #expect(try PoolConfiguration(dsns: ["redis://h"]).deadline == .seconds(1))
    }

    @Test("A user's own scheme can be registered")
    func scheme() throws {
        try DSNScheme.register("original-caches", as: "redis") { $0.clientName = "mine" }
        #expect(try NodeConfiguration(dsn: "original-caches://h").connection.clientName == "mine")
    }
}

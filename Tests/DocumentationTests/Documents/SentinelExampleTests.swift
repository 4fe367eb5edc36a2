import Caches
import CachesTesting
import Testing

@testable import CachesCluster

/// The Sentinel of `Config/production-sentinel.conf`.
struct SentinelExampleTests {
    private let document: Document
    /// The rights of the user for programs.
    private let rules: [String]

    init() throws {
        document = try Document("Config/production-sentinel.conf")
        let line = try #require(
            document.text.split(separator: "\n").first { $0.hasPrefix("user caches on >… ") })
        rules = line.split(separator: " ").dropFirst(4).map(String.init)
    }

    @Test("Its user may run the commands that the library sends to Sentinels, and no more")
    func commands() {
        #expect(rules.filter { $0.hasPrefix("+") } == UsedCommand.atSentinels.map { "+\($0)" })
        #expect(rules.filter { !$0.hasPrefix("+") } == ["&\(SentinelQuestion.channel)"])
    }

    @Test("As this user, and as the servers' one, a primary is found, followed and read from")
    func works() async throws {
        let servers = try Document("Config/production-redis.conf").text.split(separator: "\n")
            .first { $0.hasPrefix("user app ") }
        let commands = try #require(servers).split(separator: " ").filter { $0.hasPrefix("+") }
        let options = LocalSentinelGroup.Options(
            server: .init(
                access: .user("app", password: "Xyzzy-1905", rules: "~* " + commands.joined(separator: " "))),
            replicas: 1,
            sentinelAccess: .user("caches", password: "Plugh-1906", rules: rules.joined(separator: " ")))
        try await withLocalSentinelGroup(options) { group in
            var configuration = try PoolConfiguration(dsns: [group.dsn])
            configuration.deadline = .seconds(60)
            configuration.nodes[0].refreshInterval = .seconds(3600)
            let pool = try CachePool(configuration)
            let node = try pool.nodes[0]
            try await Cache<String>("key", on: pool).set("value")
            let first = try await group.master()
            try await first.command("WAIT", "1", "10000", timeout: .seconds(20))
            #expect(pool.replica(of: node) != nil)
            try await group.failOver()
            let other = try await group.waitForFailover(from: first).master
            // By published messages: they are asked once an hour.
            while node.session?.endpoint != .tcp(host: "127.0.0.1", port: other.port ?? 0) {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await Cache<String>("key", on: pool).get() == "value")
            await pool.close()
        }
    }
}

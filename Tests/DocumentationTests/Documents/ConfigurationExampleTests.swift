import CachesCluster
import CachesTesting
import Foundation
import Testing

struct ConfigurationExampleTests {
    @Test(
        "The example environments are environments",
        arguments: [("Config/local.env", 3), ("Config/production.env", 7)])
    func environments(path: String, nodes: Int) throws {
        let lines = try Document(path).text.components(separatedBy: "\n")
        let variables = lines.compactMap { $0.wholeMatch(of: /([A-Z0-9_]+)='(.*)'/) }
        let environment = Dictionary(uniqueKeysWithValues: variables.map { (String($0.1), String($0.2)) })
        #expect(try PoolConfiguration(environment: environment).nodes.count == nodes)
        #expect(lines.allSatisfy { $0.isEmpty || $0.hasPrefix("#") || $0.contains("='") })
    }

    @Test("The example redis.conf is valid, and makes a server that evicts")
    func redisConfiguration() async throws {
        let lines = try Document("Config/local-redis.conf").text.components(separatedBy: "\n")
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        try await withLocalFleet([.init(lines: lines)]) { fleet in
            let reply = try await fleet.servers[0].command("CONFIG", "GET", "maxmemory-policy")
            #expect(reply.elements.map(\.text) == ["maxmemory-policy", "allkeys-lru"])
        }
    }

    @Test("The changelog opens with the version that the tool says it is")
    func changelog() throws {
        let tool = try Document("Sources/cachesctl/Version.swift").text
        let version = try #require(tool.firstMatch(of: /version = "(.*)"/)).1
        let changelog = try Document("CHANGELOG.md").text
        let newest = try #require(changelog.firstMatch(of: /\n## (\S+)/)).1
        #expect(newest == version)
    }
}

import CachesTesting
import CachesTransport
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl` with a cluster, on real servers")
struct ClusterTests {
    @Test("Ping and doctor show each master; get, scan, where, balance, explain and clear work as ever")
    func tool() async throws {
        let options = LocalServer.Options(
            transport: .tls(), access: .password("Xyzzy-1905"),
            lines: ["maxmemory 64mb", "maxmemory-policy allkeys-lru"])
        try await withLocalCluster(replicasPerMaster: 0, options: options, nodeTimeout: .seconds(60)) {
            cluster in
            let environment = ["CACHES_DSN": cluster.dsn]
            func run(_ arguments: [String]) async throws -> ToolRun.Result {
                let result = try await ToolRun(arguments, environment: environment).result
                #expect(!(result.output + result.errors).contains("Xyzzy"))
                return result
            }
            let names = cluster.servers.map { "cluster@127.0.0.1:\($0.port ?? 0)" }

            let ping = try await run(["ping"])
            #expect(ping.status == 0, "\(ping.output)")
            for name in names { #expect(ping.output.contains(name)) }

            let doctor = try await run(["doctor"])
            for name in names { #expect(doctor.output.contains(name)) }

            for id in 0..<30 { #expect(try await run(["set", "user.\(id)", "v\(id)"]).status == 0) }
            #expect(try await run(["get", "user.7"]).output.contains("v7"))
            #expect(Set(try await run(["scan", "user.*"]).lines) == Set((0..<30).map { "user.\($0)" }))
            #expect(try await run(["ttl", "user.7"]).status == 0)

            let owner = try await cluster.master(ofSlot: 8338)
            let explained = try await run(["explain", "{tag}"])
            #expect(explained.output.contains("cluster@127.0.0.1:\(owner.port ?? 0)"), "\(explained.output)")

            let place = try await run(["where", "user.1"])
            #expect(place.status == 0)
            #expect(place.output.contains("cluster") && !place.output.contains("cluster@"), "it is one place")
            let balance = try await run(["balance", "--live"])
            #expect(balance.status == 0)
            #expect(balance.output.contains("30"), "\(balance.output)")

            #expect(try await run(["del", "user.7"]).status == 0)
            #expect(try await run(["clear", "user.*"]).status == 0)
            for server in cluster.servers { #expect(try await server.command("DBSIZE").integer == 0) }
        }
    }

    @Test(
        "A server that is not a cluster is named, and the others are shown", arguments: ["ping", "doctor"])
    func noCluster(command: String) async throws {
        try await withLocalFleet([.init(name: "well"), .init(name: "wrong")]) { fleet in
            let dsn = fleet.dsns[1].replacing("redis://", with: "redis+cluster://").replacing("/0", with: "")
            let environment = ["CACHES_DSN_1": fleet.dsns[0], "CACHES_DSN_2": dsn]
            let result = try await ToolRun([command], environment: environment).result
            #expect(result.status == 1)
            #expect(result.errors == "")
            #expect(result.output.contains("cluster support is disabled"), "\(result.output)")
            #expect(result.output.contains("well") && result.output.contains("master"), "\(result.output)")

            let json = try await ToolRun([command, "--json"], environment: environment).result.json
            let nodes = try #require(json["nodes"] as? [[String: Any]])
            #expect(nodes.count == 2)
            #expect((nodes[1]["name"] as? String)?.hasPrefix("wrong@") == true)
        }
    }
}

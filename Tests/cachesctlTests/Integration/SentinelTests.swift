import CachesTesting
import CachesTransport
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl` with Sentinels, on real servers")
struct SentinelTests {
    @Test("Ping and doctor show which server is the primary; get, scan, where and clear work as ever")
    func tool() async throws {
        let options = LocalSentinelGroup.Options(
            server: .init(
                access: .password("Xyzzy-1905"), lines: ["maxmemory 64mb", "maxmemory-policy allkeys-lru"]),
            replicas: 1, sentinelAccess: .password("Plugh-1906"))
        try await withLocalSentinelGroup(options) { group in
            let environment = ["CACHES_DSN": group.dsn]
            func run(_ arguments: [String]) async throws -> ToolRun.Result {
                let result = try await ToolRun(arguments, environment: environment).result
                #expect(!(result.output + result.errors).contains("Xyzzy"))
                #expect(!(result.output + result.errors).contains("Plugh"))
                return result
            }
            let master = try await group.master()
            let address = "127.0.0.1:\(master.port ?? 0)"

            let ping = try await run(["ping"])
            print(ping.output)
            #expect(ping.status == 0)
            #expect(ping.lines[1].contains(address) && ping.lines[1].contains("master"))

            let doctor = try await run(["doctor"])
            print(doctor.output)
            #expect(doctor.output.contains("Sentinels     3 of 3 name \(address) as the primary"))
            let json = try await run(["doctor", "--json"])
            let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            let node = try #require((report?["nodes"] as? [[String: Any]])?.first)
            let sentinels = try #require(node["sentinels"] as? [[String: String]])
            #expect(
                Set(sentinels.map { $0["address"] })
                    == Set(group.sentinels.map { "127.0.0.1:\($0.port ?? 0)" }))
            #expect(sentinels.allSatisfy { $0["answer"] == address })
            #expect(try await run(["set", "user.1", "ada"]).status == 0)
            #expect(try await master.command("GET", "user.1").text == "ada")
            #expect(try await run(["get", "user.1"]).output.contains("ada"))
            #expect(try await run(["scan", "user.*"]).lines == ["user.1"])
            #expect(try await run(["where", "user.1"]).output.contains("main"))
            #expect(try await run(["explain", "user.1"]).status == 0)
            #expect(try await run(["clear", "user.*"]).status == 0)
            #expect(try await master.command("DBSIZE").integer == 0)

            group.sentinels[0].kill()
            let warned = try await run(["doctor"])
            #expect(
                warned.output.contains(
                    "The Sentinel at 127.0.0.1:\(group.sentinels[0].port ?? 0) does not name"))
            for sentinel in group.sentinels.dropFirst() { sentinel.kill() }
            let down = try await run(["ping"])
            print(down.output)
            #expect(down.status == 1)
            #expect(down.output.contains("No Sentinel names a primary called mymaster"))
        }
    }
}

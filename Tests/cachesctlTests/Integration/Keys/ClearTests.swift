import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl clear`, on real servers")
struct ClearTests {
    /// Three servers with 1000 users and 10 others each.
    private func withUsers(_ body: (LocalFleet) async throws -> Void) async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            for server in fleet.servers {
                try await server.fill("user.", 1000)
                try await server.fill("other.", 10)
            }
            try await body(fleet)
        }
    }

    @Test("A prefix is removed on every server, with a count each and no bar in a pipe")
    func prefix() async throws {
        try await withUsers { fleet in
            let result = try await fleet.tool("clear", "user.*")
            #expect(result.status == 0 && result.errors == "")
            #expect(result.lines[0] == "node    removed  state")
            #expect(result.lines[1...3] == (1...3).map { "redis\($0)    1 000  cleared" }[...])
            #expect(result.lines.last?.hasPrefix("3 000 keys removed in ") == true)
            #expect(!result.output.contains("\r") && !result.output.contains("\u{1B}"))
            #expect(try await fleet.size == 30)
            #expect(try await fleet.tool("clear", "user.*").lines.last?.hasPrefix("0 keys removed") == true)
        }
    }

    @Test("JSON has the counts of each server")
    func json() async throws {
        try await withUsers { fleet in
            let report = try await fleet.tool("clear", "user.*", "--json", "--on", "redis2").json
            #expect(report["pattern"] as? String == "user.*")
            #expect(report["removed"] as? Int == 1000)
            let nodes = try #require(report["nodes"] as? [[String: Any]])
            #expect(nodes.count == 1)
            #expect(nodes[0]["node"] as? String == "redis2" && nodes[0]["error"] is NSNull)
            #expect(try await fleet.size == 2030)
        }
    }

    @Test("A server that is down stops no other, is named, and the exit code is 1")
    func down() async throws {
        try await withUsers { fleet in
            fleet.servers[0].kill()
            let result = try await fleet.tool("clear", "user.*")
            #expect(result.status == 1)
            #expect(result.lines[1] == "redis1        0  failed: unreachable")
            #expect(result.lines[2] == "redis2    1 000  cleared")
            #expect(result.errors.hasPrefix("error: redis1: unreachable: "))
            let report = try await fleet.tool("clear", "user.*", "--json")
            #expect(report.status == 1)
            let nodes = try #require(try report.json["nodes"] as? [[String: Any]])
            #expect((nodes[0]["error"] as? [String: Any])?["code"] as? String == "unreachable")
        }
    }

    @Test(
        "Without a terminal it refuses to remove everything, unless it is told to",
        arguments: ["*", "**", "?*"])
    func refuses(pattern: String) async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            for server in fleet.servers { try await server.fill("user.", 10) }
            let refused = try await fleet.tool("clear", pattern)
            #expect(refused.status == 64)
            #expect(refused.output == "")
            #expect(refused.errors.contains("means every key") && refused.errors.contains("--yes"))
            #expect(try await fleet.size == 20)
            #expect(try await fleet.tool("clear", pattern, "--yes").status == 0)
            #expect(try await fleet.size == 0)
        }
    }

    @Test(
        "On a terminal it shows the keys that would go, and accepts only yes",
        arguments: ["no", "y", ""])
    func declined(answer: String) async throws {
        try await withUsers { fleet in
            fleet.servers[2].kill()
            let run = try TerminalRun(["clear", "*"], environment: fleet.environment)
            await run.reads("Type yes to go on: ")
            try run.type(answer)
            #expect(try await run.status == 1)
            #expect(run.screen.contains("redis1") && run.screen.contains("1 010"))
            #expect(run.screen.contains("redis3") && run.screen.contains("unreachable"))
            #expect(run.screen.contains("2 020 on 2 servers"))
            #expect(run.screen.contains("Nothing was removed."))
            #expect(try await fleet.servers[0].command("DBSIZE").integer == 1010)
        }
    }

    @Test("After a yes all keys go, under a bar")
    func accepted() async throws {
        try await withUsers { fleet in
            let run = try TerminalRun(["clear", "*", "--color", "never"], environment: fleet.environment)
            await run.reads("Type yes to go on: ")
            try run.type("yes")
            #expect(try await run.status == 0)
            #expect(run.screen.contains("█") && run.screen.contains("100 %"))
            #expect(run.screen.contains("3 030 keys removed in "))
            #expect(try await fleet.size == 0)
        }
    }

    @Test("Interrupted, it says how many keys are gone")
    func interrupted() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            try await fleet.servers[0].fill("user.", 100)
            fleet.servers[1].pause()
            let environment = fleet.environment.merging(["CACHES_POOL": "deadline=1h&ping-interval=1h"]) {
                own, _ in own
            }
            let run = try ToolRun(["clear", "user.*"], environment: environment)
            while try await fleet.servers[0].command("DBSIZE").integer != 0 { await Task.yield() }
            run.signal(SIGINT)
            let result = try await run.result
            fleet.servers[1].resume()
            #expect(result.status == 130)
            #expect(result.errors.wholeMatch(of: /interrupted: \d+ keys removed\n/) != nil)
            #expect(result.output == "")
        }
    }
}

import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl scan` and explain, on real servers")
struct ScanTests {
    @Test("Keys come one on each line, from every server, in any number and none twice")
    func lines() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            for server in fleet.servers {
                try await server.fill("user.\(server.name).", 3000)
                try await server.fill("other.\(server.name).", 10)
            }
            let all = try await fleet.tool("scan", "user.*")
            #expect(all.status == 0 && all.errors == "")
            #expect(all.lines.count == 9000 && Set(all.lines).count == 9000)
            #expect(all.lines.allSatisfy { $0.hasPrefix("user.redis") })
            #expect(try await fleet.tool("scan", "--count-only").output == "9030\n")
            #expect(
                try await fleet.tool("scan", "--count-only", "--json", "other*").output == "{\"count\":30}\n")
            let some = try await fleet.tool("scan", "--limit", "7", "--on", "redis2")
            #expect(some.lines.count == 7 && some.lines.allSatisfy { $0.contains("redis2") })
            #expect(try await fleet.tool("scan", "nothing*").output == "")
        }
    }

    @Test("As JSON a key is a string, whatever is in it")
    func json() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await fleet.servers[0].command("SET", "a\nb\"c", "x")
            let result = try await fleet.tool("scan", "--json")
            #expect(result.output == #""a\nb\"c""# + "\n")
        }
    }

    @Test("A reader that stops reading ends it, quietly")
    func closedPipe() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await fleet.servers[0].fill("user.", 50_000)
            let shell = Process()
            shell.executableURL = URL(filePath: "/bin/sh")
            shell.arguments = [
                "-c", "{ \"$0\" scan; echo \"exit code $?\" >&2; } | head -n 2", try ToolRun.tool.path,
            ]
            shell.environment = fleet.environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
            let (output, errors) = (Pipe(), Pipe())
            shell.standardOutput = output
            shell.standardError = errors
            try shell.run()
            let lines = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            #expect(lines.split(separator: "\n").count == 2)
            let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            #expect(text == "exit code 0\n")
            shell.waitUntilExit()
        }
    }

    @Test("A server that is down is named, before a limit too, and the others' keys are listed")
    func down() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            for server in fleet.servers { try await server.fill("user.\(server.name).", 10) }
            fleet.servers[0].kill()
            for arguments in [["scan"], ["scan", "--limit", "5"], ["scan", "--count-only"]] {
                let result = try await ToolRun(arguments, environment: fleet.environment).result
                #expect(result.status == 1)
                #expect(result.errors.hasPrefix("error: redis1: unreachable: "))
                #expect(result.errors.split(separator: "\n").count == 1)
                #expect(arguments.last == "--count-only" ? result.output == "20\n" : result.lines.count >= 5)
            }
        }
    }

    @Test("An explanation shows a key's node, value, time left and size")
    func explain() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            _ = try await fleet.tool("set", "user.{42}", "Ada", "--ttl", "1h")
            let result = try await fleet.tool("explain", "user.{42}")
            #expect(result.status == 0)
            let lines = result.lines
            #expect(lines[0] == "user.{42}")
            #expect(lines[1].wholeMatch(of: /\s+node {8}redis\d, then redis\d, redis\d/) != nil)
            #expect(lines[2] == "  placed by   42")
            #expect(lines[3] == "  type        string, encoded as embstr")
            #expect(lines[4].hasPrefix("  time left   59 min") || lines[4] == "  time left   1 h")
            #expect(lines[5].wholeMatch(of: /\s+size {8}\d+ bytes/) != nil)
            #expect(lines[6].hasPrefix("  last used   "))

            let json = try await fleet.tool("explain", "--json", "user.{42}", "gone")
            #expect(json.status == 1)
            let objects = try json.jsonLines
            let names: Set = [
                "key", "node", "failover", "hash_tag", "type", "encoding", "state", "milliseconds", "bytes",
                "idle_seconds", "frequency",
            ]
            #expect(objects.allSatisfy { Set($0.keys) == names })
            #expect(objects[0]["hash_tag"] as? String == "42")
            #expect((objects[0]["failover"] as? [String])?.count == 2)
            #expect(objects[1]["type"] as? String == "none" && objects[1]["state"] as? String == "missing")
        }
    }
}

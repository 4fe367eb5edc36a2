import CachesTerminal
import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl demo`, on real servers")
struct DemoTests {
    @Test("Without servers it has its own, stops one and ends with the promised line")
    func privateFleet() async throws {
        let result = try await ToolRun.result("demo", "--keys", "3000", "--tasks", "16")
        #expect(result.status == 0)
        #expect(result.errors == "")
        #expect(!result.output.contains("\u{1B}") && !result.output.contains("\r"))
        #expect(result.output.contains("3 000 right, 0 wrong, 0 missing, 0 failed"))
        #expect(result.output.contains("b is stopped") && result.output.contains("b answers"))
        #expect(result.output.contains("3 001 keys removed"))
        let last = try #require(result.lines.last)
        #expect(last.wholeMatch(of: /demo: 3000 keys on 3 nodes, 0 wrong, \d+ gets\/s, p99 \d+ µs/) != nil)
        #expect(result.lines.allSatisfy { $0.displayWidth <= 80 })
    }

    @Test("On a user's servers it stops none, leaves their keys alone and removes its own")
    func usersServers() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let processes = fleet.servers.map(\.processIdentifier)
            for server in fleet.servers { _ = try await server.command("SET", "theirs", "kept") }
            let result = try await ToolRun.result("demo", "--keys", "1000", environment: fleet.environment)
            #expect(result.status == 0)
            #expect(result.lines.last?.hasPrefix("demo: 1000 keys on 2 nodes, 0 wrong, ") == true)
            #expect(!result.output.contains("Outage"))
            for server in fleet.servers {
                #expect(try await server.command("KEYS", "*").elements.map(\.text) == ["theirs"])
            }
            #expect(fleet.servers.map(\.processIdentifier) == processes)
        }
    }

    @Test("Interrupted, it still removes the keys that it wrote", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let run = try ToolRun(["demo", "--keys", "1000000"], environment: fleet.environment)
            while try await fleet.servers[0].command("DBSIZE").integer == 0 { await Task.yield() }
            run.signal(signal)
            let result = try await run.result
            #expect(result.status == 128 + signal)
            #expect(result.errors == "interrupted\n")
            #expect(!result.output.contains("demo: "))
            for server in fleet.servers { #expect(try await server.command("DBSIZE").integer == 0) }
        }
    }

    @Test("With a server down it writes nothing, says which, and ends with the promised line")
    func serverDown() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            fleet.servers[1].kill()
            let result = try await ToolRun.result("demo", environment: fleet.environment)
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("error: \(fleet.servers[1].name): unreachable: "))
            #expect(result.lines.last == "demo: 100000 keys on 2 nodes, 100000 wrong, 0 gets/s, p99 0 µs")
            #expect(try await fleet.servers[0].command("DBSIZE").integer == 0)
        }
    }

    @Test("A server that dies meanwhile ends it with a reason, and the others are cleaned")
    func serverDies() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            let run = try ToolRun(["demo", "--keys", "1000000"], environment: fleet.environment)
            while try await fleet.servers[0].command("DBSIZE").integer == 0 { await Task.yield() }
            fleet.servers[1].kill()
            let result = try await run.result
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("error: \(fleet.servers[1].name): "))
            #expect(result.lines.last?.hasPrefix("demo: 1000000 keys on 2 nodes, 1000000 wrong, ") == true)
            #expect(try await fleet.servers[0].command("DBSIZE").integer == 0)
        }
    }

    @Test(
        "Numbers out of range are usage errors",
        arguments: [
            ["--keys", "0"], ["--tasks", "0"], ["--value-bytes", "0"], ["--keys", "many"], ["--frob"],
        ])
    func usage(arguments: [String]) async throws {
        let result = try await ToolRun(["demo"] + arguments).result
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: "))
    }

    @Test(
        "Help shows examples and the environment, and fits eighty columns",
        arguments: [
            [], ["ping"], ["demo"], ["get"], ["set"], ["del"], ["ttl"], ["scan"], ["clear"], ["explain"],
            ["where"], ["balance"], ["doctor"], ["rebalance"],
        ])
    func help(command: [String]) async throws {
        let result = try await ToolRun(command + ["--help"]).result
        #expect(result.status == 0)
        #expect(result.output.contains("EXAMPLES:") && result.output.contains("CACHES_DSN_1"))
        let usage = result.lines.filter { !$0.hasPrefix("USAGE: ") }
        #expect(usage.allSatisfy { $0.displayWidth <= 80 })
        // A line that was too long goes on at the margin.
        let examples = result.lines.drop { $0 != "EXAMPLES:" }.dropFirst().prefix { !$0.isEmpty }
        #expect(!examples.isEmpty && examples.allSatisfy { $0.hasPrefix("  ") })
    }

    @Test("The version is the changelog's")
    func versionNumber() async throws {
        #expect(try await ToolRun.result("--version").output == version + "\n")
    }
}

import CachesTerminal
import CachesTesting
import Foundation
import Testing

@testable import cachesctl

@Suite("`cachesctl rebalance`, on real servers")
struct RebalanceTests {
    /// Three servers, of which the first two had 1000 keys each of their own before the third came.
    private func withGrownFleet(_ body: (LocalFleet, _ from: [String]) async throws -> Void) async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let from = Array(fleet.dsns.prefix(2))
            let keys = (0..<2000).map { "user.\($0)" }
            let small = Dictionary(
                uniqueKeysWithValues: from.enumerated().map { ("CACHES_DSN_\($0 + 1)", $1) })
            let set = try await ToolRun(
                ["where"], environment: small, input: Array(keys.map { $0 + "\n" }.joined().utf8)
            ).result
            for line in set.lines {
                let parts = line.split(separator: "\t").map(String.init)
                try await #require(fleet[parts[1]]).command("SET", parts[0], "x")
            }
            try await body(fleet, from)
        }
    }

    @Test("Keys that belong to the new server are moved there, counted first by --dry-run")
    func moves() async throws {
        try await withGrownFleet { fleet, from in
            let trial = try await ToolRun(
                ["rebalance", "--from"] + from + ["--dry-run", "--json"], environment: fleet.environment
            ).result
            let count = try #require(trial.json["moved"] as? Int)
            #expect(try trial.json["dry_run"] as? Bool == true)
            // A third, as hashing has it.
            #expect((500...830).contains(count))
            #expect(try await fleet.servers[2].command("DBSIZE") == .integer(0))

            let result = try await ToolRun(
                ["rebalance", "--from"] + from, environment: fleet.environment
            ).result
            #expect(result.status == 0 && result.errors == "")
            #expect(result.lines[0] == "node    moved  kept  strays  unmovable  state")
            #expect(result.lines.last?.hasPrefix("\(Figures.count(count, "key")) moved in ") == true)
            let users = try await fleet.servers[2].command(
                "EVAL", "return #redis.call('KEYS', 'user.*')", "0")
            #expect(users == .integer(Int64(count)))

            let again = try await ToolRun(
                ["rebalance", "--from"] + from, environment: fleet.environment
            ).result
            #expect(again.lines.last?.hasPrefix("0 keys moved") == true)
        }
    }

    @Test("On a terminal a bar shows its progress")
    func bar() async throws {
        try await withGrownFleet { fleet, from in
            let run = try TerminalRun(
                ["rebalance", "--color", "never", "--from"] + from, environment: fleet.environment)
            #expect(try await run.status == 0)
            #expect(run.screen.contains("█") && run.screen.contains("100 %"))
            #expect(run.screen.contains(" keys moved in "))
        }
    }

    @Test("An interruption says how many were moved, and running it again moves the rest")
    func interrupted() async throws {
        try await withGrownFleet { fleet, from in
            let arguments = ["rebalance", "--from"] + from
            let run = try ToolRun(arguments + ["--max-ops", "100"], environment: fleet.environment)
            try await fleet.servers[2].isWrittenTo()
            run.signal(SIGINT)
            let result = try await run.result
            #expect(result.status == 130)
            #expect(
                result.errors.hasPrefix("interrupted: ") && result.errors.contains("run it again to go on"))
            #expect(try await ToolRun(arguments, environment: fleet.environment).result.status == 0)
            let trial = try await ToolRun(
                arguments + ["--dry-run", "--json"], environment: fleet.environment
            ).result
            #expect(try trial.json["moved"] as? Int == 0)
        }
    }

    @Test("A server that is down is named, and the exit code is 1")
    func down() async throws {
        try await withGrownFleet { fleet, from in
            fleet.servers[0].kill()
            let result = try await ToolRun(
                ["rebalance", "--from"] + from, environment: fleet.environment
            ).result
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("error: redis1: unreachable: "))
        }
    }

    @Test(
        "Impossible arguments are refused",
        arguments: [
            (["--from"], "Missing value for '--from <dsn>'"),
            (["--from", "http://a"], "--from 1: "),
            (["--from", "redis://a", "--max-ops", "0"], "--max-ops takes a number greater than 0"),
            (["--from", "redis://a", "--from-placement", "jump"], "jump"),
        ])
    func refused(arguments: [String], text: String) async throws {
        let result = try await ToolRun(
            ["rebalance"] + arguments, environment: ["CACHES_DSN": "redis://127.0.0.1:1"]
        ).result
        #expect(result.status == 64)
        #expect(result.errors.contains(text), "\(result.errors)")
    }
}

extension LocalServer {
    /// Waits until the server has a key.
    fileprivate func isWrittenTo() async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await command("DBSIZE") == .integer(0) {
            try #require(.now < end, "nothing was written")
        }
    }
}

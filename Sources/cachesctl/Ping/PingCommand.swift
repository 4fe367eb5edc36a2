import ArgumentParser
import CachesCluster
import CachesTerminal
import CachesTransport
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `cachesctl ping`.
struct PingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Asks every configured server how it is doing.",
        discussion: """
            Every server is asked at the same time: one that is down delays no other.
            Programs that place all keys alike have the same fingerprint. Each server's CLIENT LIST shows it at the \
            end of the client's name.
            The exit code is 0 if all are up, 1 if any is down, 64 if the configuration is wrong.

            \(HelpText.environment)

            EXAMPLES:
              CACHES_DSN=redis://localhost cachesctl ping
              CACHES_DSN_1=rediss://10.0.0.1#a cachesctl ping --count 100
              cachesctl ping --json | jq -r '.nodes[] | select(.state == "down") | .name'
            """)

    @Flag(help: "Print one JSON object; its keys stay as they are between releases.")
    var json = false

    @Option(help: "How many round trips to time on each server.")
    var count = 20

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(count) else {
            throw ValidationError("--count takes 1 to 100000 round trips.")
        }
    }

    func run() async throws {
        let used = try await EnvironmentPool(output)
        let (console, pool) = (used.console, used.pool)
        var report = try await PingReport(pool.nodes, count: count)
        report.placement = (used.configuration.placement, try pool.fingerprint)
        await pool.close()
        if json {
            console.line(try report.json())
        } else {
            report.lines(console.style, width: console.isTerminal ? console.width : nil)
                .forEach { console.line($0) }
        }
        guard report.nodes.allSatisfy(\.isUp) else { throw Failure.negative }
    }
}

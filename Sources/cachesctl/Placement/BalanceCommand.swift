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

/// `cachesctl balance`.
struct BalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Predicts each node's share of the keys, and what a change of nodes would move.",
        discussion: """
            The keys are made up. Peak to average is how many times its share, by weight, the busiest node has: \
            1 is perfect.

            With --add, --remove or --placement it shows the shares before and after, and how many keys would \
            change their node. Only --live asks the servers; the exit code is 1 if one of them could not be asked.

            \(HelpText.environment)

            EXAMPLES:
              cachesctl balance
              cachesctl balance --add 'redis://10.0.0.9#i'
              cachesctl balance --remove c --svg without-c.svg
              cachesctl balance --placement ketama
              cachesctl balance --live --json | jq .live
              cachesctl balance --offline --nodes a,b,c=2 --add d
            """)

    @Option(help: "How many keys to place.")
    var keys = 1_000_000

    @Option(
        help: ArgumentHelp(
            "A server to add: its DSN; with --nodes its name, or name=weight. May be repeated.",
            valueName: "dsn"))
    var add: [String] = []

    @Option(help: ArgumentHelp("A node to remove. May be repeated.", valueName: "name"))
    var remove: [String] = []

    @Option(
        help:
            "Another rule to place keys by; with --nodes, the rule before and after. Default: that of CACHES_POOL, or rendezvous."
    )
    var placement: PlacementRule?

    @Flag(help: "Ask each server how many keys it has (DBSIZE).")
    var live = false

    @Option(help: ArgumentHelp("Also write the chart to a file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var options: PlacementOptions

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000_000).contains(keys) else {
            throw ValidationError("--keys takes 1 to 100000000.")
        }
        guard !live || options.nodes == nil else {
            throw ValidationError("--live asks the servers of the environment: leave out --live or --nodes.")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let console = Console.standardOutput(output.color, environment: environment)
        let errors = Console.standardError(output.color, environment: environment)
        outliveReaders()
        do {
            let added = options.nodes == nil ? add.compactMap { try? NodeConfiguration(dsn: $0) } : []
            if let warning = DSNArgument.warning(added, option: "--add") { errors.line(warning) }
            let report = try await report(environment)
            if let svg { try report.chart.write(to: svg) }
            if json {
                try writeAll((JSONText.pretty(report) + "\n").utf8)
            } else {
                report.lines(console.style, width: console.width).forEach { console.line($0) }
            }
            for error in report.failures {
                errors.line(errors.style("error: ", .bad) + error.text)
            }
            guard report.failures.isEmpty else { throw Failure.negative }
        } catch is ClosedOutput {
        } catch let code as ExitCode {
            throw code
        } catch {
            throw Failure.report(error, on: errors)
        }
    }

    private func report(_ environment: [String: String]) async throws -> BalanceReport {
        var fleet = try options.fleet(environment)
        if options.nodes != nil, let placement { fleet.rule = placement }
        var changed = fleet
        for name in remove { try changed.remove(name) }
        for text in add { try changed.add(text) }
        if let placement { changed.rule = placement }
        let isChanged = !add.isEmpty || !remove.isEmpty || changed.rule != fleet.rule

        var report = BalanceReport(
            keys: keys, before: try fleet.placement(), after: isChanged ? try changed.placement() : nil)
        if live, case .servers(let configuration, let connection) = fleet.members {
            let pool = try CachePool(configuration, logger: .silent)
            _ = try await pool.discoverNodes(connection: connection, deadline: nil)
            await report.count(try pool.members(connection: connection).map(\.nodes))
            await pool.close()
        }
        return report
    }
}

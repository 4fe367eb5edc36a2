import ArgumentParser
import Caches
import CachesCluster
import CachesTerminal

/// `cachesctl rebalance`.
struct RebalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebalance",
        abstract: "Moves the keys of an earlier fleet to the servers that own them now.",
        discussion: """
            The environment names the servers as they are now, --from the earlier servers. It reads each of the \
            earlier servers, moves every key that belongs elsewhere now to its new server with its ttl, and \
            removes it from the old one. A value that is already on the new server stays.

            Run it when every program uses the new servers, at best while they hand over. If a program removes a \
            key after its restart and before the key was moved, the key is there again afterwards.

            You can interrupt it at any time: run it again to go on. If there are also caches on groups or single \
            servers, run it once for each with --on and --match, since a key doesn't tell where it belongs.

            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl rebalance --from redis://10.0.0.1#a --dry-run
              cachesctl rebalance --from redis://old1#a redis://old2#b --max-ops 5000
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The earlier servers.", valueName: "dsn"))
    var from: [String]

    @Option(help: "The earlier placement. Default: that of CACHES_POOL.")
    var fromPlacement: PlacementRule?

    @Option(help: "Which keys. Default: all.")
    var match: Glob = .everything

    @Option(
        help: ArgumentHelp("How many keys a second to move at most. Default: no limit.", valueName: "number"))
    var maxOps: Double?

    @Flag(help: "Move nothing: count what would be moved.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var options: KeyOptions

    func validate() throws {
        try match.validateArgument()
        guard !from.isEmpty else { throw ValidationError("--from takes at least one DSN.") }
        guard maxOps ?? 1 > 0 else { throw ValidationError("--max-ops takes a number greater than 0.") }
    }

    func run() async throws {
        try await options.run { session in
            let earlier = try earlier()
            if let warning = DSNArgument.warning(earlier.nodes, option: "--from") {
                session.errors.line(warning)
            }
            let watch = RebalanceWatch(on: session.output.isTerminal && !json ? session.output : nil)
            let start = ContinuousClock.now
            let report: RebalanceReport
            do {
                report = try await Interruption.cancelling { [self] in
                    try await session.pool.rebalance(
                        from: earlier, matching: match, connection: session.connection, maximumRate: maxOps,
                        isTrial: dryRun
                    ) { watch.note($0) }
                }
            } catch let interruption as Interruption {
                session.output.settle()
                session.errors.line(
                    "interrupted: \(Figures.count(watch.moved, "key")) moved; run it again to go on")
                throw Failure.signal(interruption.number)
            }
            if json {
                session.output.line(try JSONText.pretty(RebalanceObject(report: report, isTrial: dryRun)))
            } else {
                let width = session.output.isTerminal ? session.output.width : nil
                report.lines(
                    session.output.style, width: width, elapsed: .now - start, isTrial: dryRun
                ).forEach { session.output.line($0) }
            }
            report.failures.forEach { session.complain($0.text) }
            guard report.failures.isEmpty else { throw Failure.negative }
        }
    }

    /// The earlier fleet, with the present placement unless another is given.
    private func earlier() throws -> PoolConfiguration {
        var nodes: [NodeConfiguration] = []
        for (index, dsn) in from.enumerated() {
            nodes.append(try NodeConfiguration(dsn: dsn, source: "--from \(index + 1)"))
        }
        var earlier = try PoolConfiguration.processEnvironment()
        earlier.nodes = nodes
        if let fromPlacement { earlier.placement = fromPlacement }
        return earlier
    }
}

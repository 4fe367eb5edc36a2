import ArgumentParser
import CachesCluster
import CachesTerminal

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `cachesctl where`.
struct WhereCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "where",
        abstract: "Says which node owns keys, and why.",
        discussion: """
            No server is asked. Below each key it lists all nodes in the key's order: the owner, then the nodes \
            that the key goes to when the owner is down.

            Without keys it reads standard input, one key on each line, and prints for each line the key, a tab \
            and the owner.

            \(HelpText.environment)

            EXAMPLES:
              cachesctl where user.42
              cachesctl where --placement ketama user.42
              cachesctl scan 'user.*' | cachesctl where | cut -f 2 | sort | uniq -c
              cachesctl where --offline --placement ketama \\
                --nodes '10.0.1.1:11211=600,10.0.1.2:11211=300' < keys
            """)

    @Argument(help: "The keys, in full as the servers have them. Default: the lines of standard input.")
    var keys: [String] = []

    @Option(
        help: "The rule, rather than that of CACHES_POOL. Default with --nodes: rendezvous.")
    var placement: PlacementRule?

    @OptionGroup var options: PlacementOptions

    @Flag(help: "Print one JSON object for each key, each on its own line.")
    var json = false

    @OptionGroup var output: OutputOptions

    func validate() throws { try KeyArguments.check(keys) }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        outliveReaders()
        do {
            var fleet = try options.fleet(environment)
            if let placement { fleet.rule = placement }
            try answer(fleet.placement(), .standardOutput(output.color, environment: environment))
        } catch is ClosedOutput {
        } catch {
            throw Failure.report(error, on: .standardError(output.color, environment: environment))
        }
    }

    private func answer(_ placement: NamedPlacement, _ console: Console) throws {
        if keys.isEmpty {
            var lines = OutputLines()
            try forEachInputLine { key in
                if json {
                    let text = String(decoding: key.indices.map { key[$0] }, as: UTF8.self)
                    try lines.append(JSONText.line(KeyPlace(of: text, placement)))
                } else {
                    try lines.append(key, placement.names[placement.placement.owner(of: key)])
                }
            }
            return try lines.flush()
        }
        for (index, key) in keys.enumerated() {
            let place = KeyPlace(of: key, placement)
            if json {
                try writeAll((JSONText.line(place) + "\n").utf8)
            } else {
                if index > 0 { console.line() }
                place.lines(console.style, width: console.isTerminal ? console.width : nil)
                    .forEach { console.line($0) }
            }
        }
    }
}

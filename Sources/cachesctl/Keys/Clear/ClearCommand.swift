import ArgumentParser
import Caches
import CachesTerminal

/// `cachesctl clear`.
struct ClearCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Removes every key that matches a pattern, on all servers at once.",
        discussion: """
            Patterns are those of `cachesctl scan`, which lists the keys that would go. A pattern that names no \
            character, such as *, means every key: the command then shows how many keys each server has and waits \
            for a yes. Without a terminal to ask on it refuses, unless --yes is given.

            The servers are not blocked. A server that is down stops no other: it is named, and the exit code \
            is 1.

            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl clear 'user.*'
              cachesctl clear --on sessions '*' --yes
              cachesctl clear --json 'draft.*' | jq .removed
            """)

    @Argument(help: "Which keys.")
    var pattern: Glob

    @Flag(help: "Don't ask, whatever the pattern is.")
    var yes = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var options: KeyOptions

    func validate() throws { try pattern.validateArgument() }

    func run() async throws {
        try await options.run { session in
            let hasBar = session.output.isTerminal && !json
            let mustAsk = pattern.namesNoCharacter && !yes
            if mustAsk { try Confirmation.requireTerminal(for: pattern) }
            let nodes = try session.pool.nodes(connection: session.connection)
            let counts = mustAsk || hasBar ? await KeyCounts(of: nodes) : nil
            if mustAsk, let counts { try Confirmation.ask(counts, pattern, on: session.errors) }
            try await clear(ClearWatch(hasBar ? counts : nil, on: session.output), session)
        }
    }

    private func clear(_ watch: ClearWatch, _ session: KeySession) async throws {
        let start = ContinuousClock.now
        let report: ClearReport
        do {
            report = try await Interruption.cancelling { [pattern] in
                try await session.pool.clear(matching: pattern, connection: session.connection) {
                    watch.note($0)
                }
            }
        } catch let interruption as Interruption {
            session.output.settle()
            session.errors.line("interrupted: \(Figures.count(watch.removed, "key")) removed")
            throw Failure.signal(interruption.number)
        }
        if json {
            session.output.line(try JSONText.pretty(ClearObject(pattern: pattern.pattern, report: report)))
        } else {
            let width = session.output.isTerminal ? session.output.width : nil
            report.lines(session.output.style, width: width, elapsed: .now - start)
                .forEach { session.output.line($0) }
        }
        report.failures.forEach { session.complain($0.text) }
        guard report.failures.isEmpty else { throw Failure.negative }
    }
}

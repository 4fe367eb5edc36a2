import ArgumentParser
import Caches
import CachesTerminal

/// `cachesctl del`.
struct DelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "del",
        abstract: "Removes keys, whatever they hold.",
        discussion: """
            It prints how many keys there were. A key that doesn't exist is not a failure.

            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl del user.42 user.43
              cachesctl del --on sessions session.1
            """)

    @OptionGroup var keys: KeyArguments

    @Flag(help: "Print one JSON object: how many keys were removed, and for how many that isn't known.")
    var json = false

    @OptionGroup var options: KeyOptions

    func run() async throws {
        try await options.run { session in
            let results = try await session.forEach(keys.key) { $0.clear($1) }
            let removed = results.count { $0 == true }
            let failed = results.count { $0 == nil }
            if json {
                session.output.line(try JSONText.line(["removed": removed, "failed": failed]))
            } else {
                session.output.line(
                    "\(Figures.count(removed)) of \(Figures.count(results.count, "key")) removed")
            }
            guard failed == 0 else { throw Failure.negative }
        }
    }
}

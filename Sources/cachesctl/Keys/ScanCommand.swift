import ArgumentParser
import Caches
import CachesTerminal
import CachesTransport

/// `cachesctl scan`.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Lists the keys that match a pattern, one on each line, as they are found.",
        discussion: """
            Patterns are those of Redis: * any characters, ? one byte, [a-c] and [^a-c] one that is listed or \
            not, and \\* the character itself. Quote them, or the shell reads them first.

            The servers are read one after the other, and are not blocked. A key may be listed twice while its \
            server resizes its tables. A server that is down stops no other: it is named in the end, and the \
            exit code is 1. If the reader of the output goes away, the listing ends; that is not a failure.

            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl scan 'user.*'
              cachesctl scan 'user.[0-9]*' --limit 10
              cachesctl scan --on sessions --count-only
              cachesctl scan 'draft.*' | head
            """)

    @Argument(help: "Which keys.")
    var pattern = Glob.everything

    @Option(help: "How many keys to list at most. Default: all.")
    var limit: Int?

    @Flag(help: "Print only how many there are.")
    var countOnly = false

    @Flag(help: "Print each key as a JSON string; with --count-only, one JSON object.")
    var json = false

    @OptionGroup var options: KeyOptions

    func validate() throws {
        try pattern.validateArgument()
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
    }

    func run() async throws {
        try await options.run { session in
            var iterator = session.pool.keys(matching: pattern, connection: session.connection)
                .makeAsyncIterator()
            var count = 0
            var failure: CachesError?
            do {
                while count < limit ?? .max, let key = try await iterator.next() {
                    count += 1
                    if !countOnly { try session.write(line: text(of: key, session.output)) }
                }
            } catch let error as CachesError {
                failure = error
            }
            if countOnly {
                try session.write(line: json ? JSONText.line(["count": count]) : String(count))
            }
            // A node that failed before the limit was reached may have had keys to list.
            iterator.failures.forEach { session.complain($0.text) }
            if iterator.failures.isEmpty, let failure { throw failure }
            guard iterator.failures.isEmpty else { throw Failure.negative }
        }
    }

    private func text(of key: String, _ console: Console) throws -> String {
        if json { return try JSONText.line(key) }
        return console.isTerminal ? key.printable : key
    }
}

import ArgumentParser
import Caches
import CachesTerminal
import CachesTransport

/// `cachesctl get`.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Prints the values of keys.",
        discussion: """
            A string is printed as it is, byte for byte. On a terminal, characters that would move the cursor are \
            replaced. Each of several keys' values ends in a line feed. Hashes, lists, sets and sorted sets are \
            printed as tables, up to --limit elements.

            \(HelpText.exitCodes)

            \(HelpText.environment)

            EXAMPLES:
              cachesctl get user.42
              cachesctl get picture.7 > picture.png
              cachesctl get --json user.42 user.43 | jq -r .value
            """)

    @OptionGroup var keys: KeyArguments

    @Option(help: "How many elements of a collection to print at most.")
    var limit = 1000

    @Flag(
        help: "Print one JSON object for each key, each on its own line; bytes that are not text in base64.")
    var json = false

    @OptionGroup var options: KeyOptions

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000000.") }
    }

    func run() async throws {
        try await options.run { session in
            var (isComplete, isMissing) = (true, false)
            for key in keys.key {
                do {
                    let node = try session.pool.node(for: key, connection: session.connection)
                    let value = try await StoredValue.read(key, from: node, limit: limit)
                    if json {
                        try session.write(line: JSONText.line(KeyObject(key: key, value: value)))
                    }
                    guard let value else {
                        session.complain(missing: key)
                        (isComplete, isMissing) = (false, true)
                        continue
                    }
                    if !json { try print(value, of: key, session) }
                } catch let error as CachesError {
                    session.complain(error.text)
                    isComplete = false
                }
            }
            if isMissing { session.hintAtConnection() }
            guard isComplete else { throw Failure.negative }
        }
    }

    private func print(_ value: StoredValue, of key: String, _ session: KeySession) throws {
        let console = session.output
        if case .string(let bytes) = value.content {
            let shown =
                console.isTerminal
                ? Array(String(decoding: bytes, as: UTF8.self).printableLines.utf8)[...] : bytes
            try session.write(shown)
            let endsLine = shown.last == UInt8(ascii: "\n")
            if keys.key.count > 1 || console.isTerminal && !endsLine { try session.write("\n".utf8) }
            return
        }
        let lines = value.lines(of: key, console.style, width: console.isTerminal ? console.width : nil)
        for line in lines { try session.write(line: line) }
        guard value.isWhole else {
            return session.errors.line(
                "\(key.printable): \(Figures.count(value.shown)) of "
                    + "\(Figures.count(value.count, "element")) shown; --limit shows more.")
        }
    }
}

import ArgumentParser
import Caches
import CachesPlatform
import CachesTerminal
import CachesTransport

/// Asks before a command removes every key.
enum Confirmation {
    /// Refuses if there is no terminal to ask on.
    static func requireTerminal(for pattern: Glob) throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw CachesError(
                .invalidArgument,
                "The pattern \(pattern) means every key, and there is no terminal to ask on.",
                advice: "Name a prefix, such as 'user.*', or add --yes to remove all keys.")
        }
    }

    /// Shows how many keys would go, and waits for a yes. Anything else ends the command.
    static func ask(_ counts: KeyCounts, _ pattern: Glob, on console: Console) throws {
        counts.lines(console.style, width: console.width).forEach { console.line($0) }
        console.line()
        let question =
            "The pattern \(pattern) means every key: \(Figures.count(counts.total)) on "
            + "\(Figures.count(counts.known, "server")) will be removed."
        for line in question.printable.wrapped(to: console.width) {
            console.line(console.style(line, .warning))
        }
        console.prompt("Type yes to go on: ")
        guard readLine() == "yes" else {
            console.line("Nothing was removed.")
            throw Failure.negative
        }
    }
}

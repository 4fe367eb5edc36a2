import CachesPlatform
import Synchronization

/// The output of a command, written one whole line at a time.
public final class Console: Sendable {
    /// Whether a person watches: only then is a line drawn over.
    public let isTerminal: Bool

    /// How many columns a line has: the terminal's, at most 100; 80 where there is no terminal.
    public let width: Int

    /// Colours the texts, if the output may be coloured.
    public let style: Style

    private let sink: @Sendable (String) -> Void
    private let hasTransientLine = Mutex(false)

    /// A console over any sink.
    public init(isTerminal: Bool, width: Int, style: Style, sink: @escaping @Sendable (String) -> Void) {
        self.isTerminal = isTerminal
        self.width = width
        self.style = style
        self.sink = sink
    }

    /// Writes a line.
    public func line(_ text: String = "") {
        hasTransientLine.withLock { hasTransientLine in
            sink((hasTransientLine ? Self.erase : "") + text + "\n")
            hasTransientLine = false
        }
    }

    /// Draws a line that the next one replaces. Without a terminal it is not drawn at all.
    public func transient(_ text: String) {
        guard isTerminal else { return }
        hasTransientLine.withLock { hasTransientLine in
            sink(Self.erase + text)
            hasTransientLine = true
        }
    }

    /// Writes a prompt: the typed text follows on the same line.
    public func prompt(_ text: String) { sink(text) }

    /// Keeps a transient line if there is one, so that other output begins on a line of its own.
    public func settle() {
        hasTransientLine.withLock { hasTransientLine in
            if hasTransientLine { sink("\n") }
            hasTransientLine = false
        }
    }

    /// To the line's start, and erase to its end (ECMA-48 CR and EL).
    private static let erase = "\r\u{1B}[K"
}

extension Console {
    /// Why lines of standard output were lost, such as a full disk; nil if none were. A reader that went away
    /// (EPIPE) is not a failure.
    public static let outputFailure = Mutex<OutputFailure?>(nil)

    /// The process's standard output.
    public static func standardOutput(_ color: ColorChoice, environment: [String: String]) -> Console {
        descriptor(STDOUT_FILENO, color, environment)
    }

    /// The process's standard error.
    public static func standardError(_ color: ColorChoice, environment: [String: String]) -> Console {
        descriptor(STDERR_FILENO, color, environment)
    }

    private static func descriptor(
        _ descriptor: CInt, _ color: ColorChoice, _ environment: [String: String]
    ) -> Console {
        let isTerminal = isatty(descriptor) == 1
        return Console(
            isTerminal: isTerminal && environment["TERM"] != "dumb",
            width: isTerminal ? columns(descriptor) : 80,
            style: Style(color, isTerminal: isTerminal, environment: environment),
            // A failed write does not end the command, which still has to clean up.
            sink: { text in
                do {
                    try writeAll(text.utf8, to: descriptor)
                } catch let failure as OutputFailure where descriptor == STDOUT_FILENO {
                    outputFailure.withLock { $0 = $0 ?? failure }
                } catch {}
            })
    }

    private static func columns(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return min(max(Int(size.ws_col), 40), 100)
    }

}

/// The values of `--color`.
public enum ColorChoice: String, CaseIterable, Sendable {
    case auto, always, never
}

/// The meaning of a text to the reader. A terminal shows it as a colour.
public enum Tint: String, CaseIterable, Sendable {
    case plain = ""
    case strong = "1"
    case quiet = "2"
    case bad = "31"
    case good = "32"
    case warning = "33"
    case accent = "36"
}

/// Colours texts, or leaves them as they are.
public struct Style: Equatable, Sendable {
    /// Whether texts are coloured.
    public let isColored: Bool

    /// Colours nothing.
    public static let plain = Style(isColored: false)

    /// A style that does or does not colour.
    public init(isColored: Bool) { self.isColored = isColored }

    /// The style that `choice` gives for an output: `auto` colours a terminal, unless its type is `dumb` or
    /// `NO_COLOR` is set to anything (https://no-color.org).
    public init(_ choice: ColorChoice, isTerminal: Bool, environment: [String: String]) {
        isColored =
            switch choice {
            case .always: true
            case .never: false
            case .auto:
                isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
            }
    }

    /// `text` in a tint.
    public func callAsFunction(_ text: String, _ tint: Tint) -> String {
        isColored && tint != .plain && !text.isEmpty ? "\u{1B}[\(tint.rawValue)m\(text)\u{1B}[0m" : text
    }
}

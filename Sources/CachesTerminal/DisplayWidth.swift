import CachesTransport

extension Character {
    /// How many terminal columns the character takes: 0, 1 or 2.
    ///
    /// East Asian wide and full-width characters (Unicode Standard Annex #11) and emoji take two. The annex's
    /// ambiguous characters count as narrow, as terminals outside East Asian locales draw them.
    public var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        let hasEmojiSelector = unicodeScalars.contains("\u{FE0F}")
        return first.isWide || first.properties.isEmojiPresentation || hasEmojiSelector ? 2 : 1
    }
}

extension Unicode.Scalar {
    /// The blocks whose East Asian Width is W or F, emoji apart.
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
            0x17000...0x18DFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// How many terminal columns the text takes on one line.
    public var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// The text as it can be shown, of several lines: it keeps its line feeds and tabs.
    ///
    /// Names and messages come from the environment and from servers: they are shown, never obeyed.
    public var printableLines: String {
        // CR LF is one character.
        split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false)
                    .map { String($0).printable }.joined(separator: "\t")
            }.joined(separator: "\n")
    }

    /// The text padded with spaces to `width` columns. A wider text stays as it is.
    public func padded(to width: Int, _ alignment: Alignment = .left) -> String {
        let padding = String(repeating: " ", count: max(0, width - displayWidth))
        return alignment == .left ? self + padding : padding + self
    }

    /// The text cut to at most `width` columns, with an ellipsis in place of the rest.
    public func truncated(to width: Int, _ truncation: Truncation = .end) -> String {
        guard displayWidth > width else { return self }
        guard width > 0 else { return "" }
        let tail = truncation == .end ? "" : suffix(columns: (width - 1) / 2)
        return prefix(columns: width - 1 - tail.displayWidth) + "…" + tail
    }

    private func prefix(columns: Int) -> String {
        var left = columns
        return String(
            prefix {
                left -= $0.displayWidth
                return left >= 0
            })
    }

    private func suffix(columns: Int) -> String {
        String(String(reversed()).prefix(columns: columns).reversed())
    }
}

/// The side of a column that a text keeps to.
public enum Alignment: Sendable { case left, right }

/// The place where a long text is cut.
public enum Truncation: Sendable { case end, middle }

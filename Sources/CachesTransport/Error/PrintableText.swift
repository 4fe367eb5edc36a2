/// A text that can be shown: on one line, in the order in which it is read, and no longer than a line may be.
///
/// Texts from servers, certificates and users of a program get into errors, logs and terminals. A line feed
/// in it forges a line of a log, an escape character drives a terminal, and a control character for the
/// direction of text (Unicode Standard Annex #9) makes the text look different. Such characters are replaced
/// by U+FFFD here, and nowhere else. ``CachesError`` makes each of its texts one of these; so do the names in
/// it.
package struct PrintableText: Hashable, Sendable {
    /// The text, as it can be shown.
    package let text: String

    /// How many bytes of a text are shown. A server's error is a sentence; 1 KiB holds several.
    package static let usualLength = 1024

    /// - Parameter length: A longer text is cut to so many bytes, and ends with `…`. nil: it is not cut.
    package init(_ text: some StringProtocol, atMost length: Int? = nil) {
        if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }), length.map({ text.utf8.count <= $0 }) ?? true {
            self.text = String(text)
            return
        }
        var shown = String.UnicodeScalarView()
        var left = length ?? .max
        for scalar in text.unicodeScalars {
            left -= UTF8.width(scalar)
            guard left >= 0 else {
                shown.append("…")
                break
            }
            shown.append(scalar.isShown ? scalar : "\u{FFFD}")
        }
        self.text = String(shown)
    }
}

extension PrintableText: CustomStringConvertible {
    package var description: String { text }
}

extension StringProtocol {
    /// The text as it can be shown.
    package var printable: String { PrintableText(self).text }
}

extension Unicode.Scalar {
    /// Whether it shows, if anything, itself: it moves no cursor, ends no line, and changes no direction.
    package var isShown: Bool {
        // Most, without a look at the tables.
        if 0x20..<0x7F ~= value { return true }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return false
        // Among these are those for directions, and tags that nobody sees. Joiners are in words, and in
        // emoji.
        case .format: return value == 0x200C || value == 0x200D
        default: return true
        }
    }
}

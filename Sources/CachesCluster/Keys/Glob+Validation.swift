public import CachesTransport

extension Glob {
    /// Checks that Redis reads the pattern as it looks.
    ///
    /// Patterns that Redis accepts but reads differently are refused: a `[` without its `]`, a backslash at
    /// the end, `[]` and `[^]`, `[!a]` (which is not a negation in Redis), ranges that run backwards or begin
    /// or end with anything but a plain character, and characters in brackets that are not ASCII (each of
    /// their bytes would be a character there). The empty pattern, which only the empty key matches, is
    /// refused too.
    ///
    /// - Throws: ``CachesError`` of code ``CachesError/Code/invalidArgument``, with advice what to write
    ///   instead.
    public func validate() throws(CachesError) {
        guard !pattern.isEmpty else {
            throw CachesError(
                .invalidArgument, "The glob is empty.",
                advice: "Write `*` for every key, `user.*` for those of a prefix.")
        }
        var rest = pattern.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "["): try skipBrackets(&rest)
            case UInt8(ascii: "\\"):
                guard rest.popFirst() != nil else {
                    throw fault("ends in a backslash", "Write `\\\\` for a backslash itself.")
                }
            default: break
            }
        }
    }

    /// The pattern, if it is valid.
    func checked() throws(CachesError) -> String {
        try validate()
        return pattern
    }

    /// Skips the rest of a bracket expression after its `[`, its `]` included.
    private func skipBrackets(_ rest: inout Substring.UTF8View) throws(CachesError) {
        if rest.first == UInt8(ascii: "!") {
            throw fault("has `[!`", "Write `[^a]` to match anything but the list, `[\\!a]` to match a `!`.")
        }
        if rest.first == UInt8(ascii: "^") { rest.removeFirst() }
        if rest.first == UInt8(ascii: "]") {
            throw fault("has brackets with nothing in them", "List a `]` itself as `\\]`.")
        }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "]"):
                return
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { throw unclosed }
                try requireASCII(escaped)
                if rest.first == UInt8(ascii: "-"), rest.dropFirst().first != UInt8(ascii: "]") {
                    throw noRange
                }
            default:
                try requireASCII(byte)
                if rest.first == UInt8(ascii: "-") { try skipRange(from: byte, &rest) }
            }
        }
        throw unclosed
    }

    /// Skips the `-c` of a range. Redis takes whatever byte comes after the hyphen as its end.
    private func skipRange(from first: UInt8, _ rest: inout Substring.UTF8View) throws(CachesError) {
        rest.removeFirst()
        guard let last = rest.popFirst() else { throw unclosed }
        try requireASCII(last)
        guard last != UInt8(ascii: "]"), last != UInt8(ascii: "\\") else { throw noRange }
        guard first <= last else {
            throw fault("has a range that runs backwards", "Write the lower character first: `[a-c]`.")
        }
    }

    private func requireASCII(_ byte: UInt8) throws(CachesError) {
        guard byte < 0x80 else {
            throw fault(
                "lists a character that is not ASCII",
                "Servers compare bytes: use `*` in its place, or clear each variant by itself.")
        }
    }

    private var unclosed: CachesError {
        fault("has a `[` without its `]`", "Write `\\[` for a bracket itself.")
    }

    private var noRange: CachesError {
        fault(
            "has a hyphen that makes no range", "A range is `[a-c]`; list a hyphen itself first: `[-ac]`.")
    }

    private func fault(_ fault: String, _ advice: String) -> CachesError {
        CachesError(.invalidArgument, "The glob \(pattern) \(fault).", advice: advice)
    }
}

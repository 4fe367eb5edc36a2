/// What a key is made of, as `@Cached` is told in a text: `users.{org.id}.page-{number}`.
///
/// A part stands between dots, and holds one placeholder at most: so different values always make different
/// keys. `{{` and `}}` are braces.
struct KeyTemplate: Equatable {
    /// One part of the key.
    struct Part: Equatable {
        /// The text before the placeholder; the whole part, if there is none.
        var before = ""
        var placeholder: Placeholder?
        var after = ""

        fileprivate var isEmpty: Bool { placeholder == nil && before.isEmpty }
    }

    /// A parameter or a property of one, in braces.
    struct Placeholder: Equatable {
        /// The names, of which dots make a path; at least one.
        var path: [String]

        /// Where the first name begins, in bytes from the template's beginning.
        var offset: Int
    }

    /// Why a text is not a template.
    struct Fault: Error, Equatable {
        var message: String

        /// Where, in bytes from the template's beginning.
        var offset: Int
    }

    let parts: [Part]

    /// Reads a template.
    init(_ text: String) throws(Fault) {
        var reader = Reader(text: Array(text.utf8))
        parts = try reader.read()
    }
}

/// Everything that means something in a template is ASCII: so it is read byte by byte.
private struct Reader {
    let text: [UInt8]
    var position = 0

    mutating func read() throws(KeyTemplate.Fault) -> [KeyTemplate.Part] {
        guard !text.isEmpty else { throw fault("the key template is empty") }
        var parts: [KeyTemplate.Part] = []
        while true {
            parts.append(try readPart())
            guard position < text.count else { return parts }
            position += 1
        }
    }

    /// Reads up to the next dot.
    private mutating func readPart() throws(KeyTemplate.Fault) -> KeyTemplate.Part {
        let start = position
        var part = KeyTemplate.Part()
        var literal: [UInt8] = []
        while position < text.count, text[position] != UInt8(ascii: ".") {
            let byte = text[position]
            let isBrace = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
            if isBrace, position + 1 < text.count, text[position + 1] == byte {
                literal.append(byte)
                position += 2
            } else if byte == UInt8(ascii: "{") {
                guard part.placeholder == nil else {
                    throw fault(
                        "a part of a key can hold one value only, or different values could make the same key; "
                            + "put a '.' before this one")
                }
                part.before = String(decoding: literal, as: UTF8.self)
                literal = []
                part.placeholder = try readPlaceholder()
            } else if byte == UInt8(ascii: "}") {
                throw fault("there is no '{' for this '}'; write '}}' for a brace in the key")
            } else {
                literal.append(byte)
                position += 1
            }
        }
        let rest = String(decoding: literal, as: UTF8.self)
        if part.placeholder == nil { part.before = rest } else { part.after = rest }
        guard !part.isEmpty else {
            throw KeyTemplate.Fault(message: "a part of the key template is empty", offset: start)
        }
        return part
    }

    /// Reads from an opening to the closing brace.
    private mutating func readPlaceholder() throws(KeyTemplate.Fault) -> KeyTemplate.Placeholder {
        let rest = text[(position + 1)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "{") }
        guard let end, text[end] == UInt8(ascii: "}") else {
            throw fault("there is no '}' for this '{'; write '{{' for a brace in the key")
        }
        let path = String(decoding: rest[..<end], as: UTF8.self)
            .split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.allSatisfy(Reader.isName) else {
            throw fault("between braces stands a parameter or a property of one: '{id}', '{user.id}'")
        }
        defer { position = end + 1 }
        return KeyTemplate.Placeholder(path: path, offset: position + 1)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.first, first == "_" || first.isLetter else { return false }
        return text.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
    }

    /// A fault at the current position.
    private func fault(_ message: String) -> KeyTemplate.Fault {
        KeyTemplate.Fault(message: message, offset: position)
    }
}

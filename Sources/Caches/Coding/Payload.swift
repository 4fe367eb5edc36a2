import CachesTransport

/// The bytes that a coder makes of a value, which are stored.
///
/// Text is kept apart from other bytes only to save a copy; on the server it is its UTF-8 bytes.
public enum Payload: Sendable {
    /// A text, stored as UTF-8.
    case text(String)

    /// Any bytes.
    case bytes(Bytes)

    /// A whole number, stored as its text in decimal.
    public static func number(_ number: some BinaryInteger) -> Payload { .text(DecimalText.of(number)) }

    /// The bytes that are stored, whichever case it is. A coder that wraps another one goes on from here.
    public var bytes: Bytes {
        switch self {
        case .text(let text): Bytes(text.utf8)
        case .bytes(let bytes): bytes
        }
    }

    /// How many bytes are stored.
    public var count: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }
}

extension Payload: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = .text(text) }
}

extension Payload {
    /// Throws if no server takes it.
    /// - Returns: Its bytes.
    @discardableResult
    func checkSize() throws(CachesError) -> Int {
        let count = count
        guard count <= CommandWriter.maximumArgumentBytes else { throw CommandWriter.tooLarge(count) }
        return count
    }
}

extension CommandWriter {
    /// Writes a payload as one argument.
    mutating func argument(_ payload: Payload) {
        switch payload {
        case .text(let text): argument(text)
        case .bytes(let bytes): argument(bytes)
        }
    }
}

/// A server's answer to an administrator's command.
public enum ServerReply: Hashable, Sendable {
    /// Null.
    case null
    /// A number.
    case integer(Int64)
    /// `OK` and the like.
    case status(String)
    /// A value's bytes.
    case string([UInt8])
    /// An error inside an array. An error that is the whole reply is thrown.
    case error(String)
    /// Several.
    case array([ServerReply])

    /// The text of a status, a string, a number or an error; nil for null and arrays.
    public var text: String? {
        switch self {
        case .null, .array: nil
        case .integer(let number): String(number)
        case .status(let text), .error(let text): text
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The number, also of a string of digits.
    public var integer: Int64? { text.flatMap { Int64($0) } }

    /// The elements of an array, none for anything else.
    public var elements: [ServerReply] {
        if case .array(let elements) = self { elements } else { [] }
    }
}

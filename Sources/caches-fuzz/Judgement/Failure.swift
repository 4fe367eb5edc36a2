/// An outcome that no answer of a server may cause.
struct Failure: Codable, Hashable, Sendable {
    enum Kind: String, Codable, CaseIterable, Sendable {
        /// The process crashed.
        case crash
        /// A call took much longer than its deadline, or the tool longer than its limit.
        case hang
        /// Memory or descriptors grow.
        case growth
        /// A text contains a password.
        case secret
        /// A text that is shown or logged contains harmful characters, see `Unicode.Scalar.isHarmful`.
        case control
        /// An error that does not belong to the library, or an exit code that does not belong to the tool.
        case stranger
    }

    var kind: Kind
    /// The round of the failure; nil for a failure of the whole run.
    var round: Int?
    /// The call of the round, from 0.
    var call: Int?
    var operation: String
    var text: String
    /// The last commands and answers before the failure.
    var exchange: [String] = []
    /// The rounds that were under way at the same time, if one of them may be the cause: the failure has to
    /// be seen again when one of them is played alone, otherwise the machine is assumed to have been busy.
    /// Empty if the failure is certain.
    var suspects: [Int] = []
}

/// A run of the tool ended in a forbidden way.
struct ToolFault: Error {
    var kind: Failure.Kind
    var text: String
}

extension Failure: CustomStringConvertible {
    var description: String {
        var place = ""
        if let round { place += " in round \(round)" }
        if let call { place += ", call \(call)" }
        return "\(kind.rawValue)\(place), \(operation): \(text.escaped)"
            + exchange.map { "\n    \($0)" }.joined()
    }
}

extension String {
    /// The text with harmful characters escaped as in a Swift literal.
    var escaped: String {
        unicodeScalars.map { $0.isHarmful ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }
}

extension Unicode.Scalar {
    /// Whether the character moves a cursor, ends a line or turns the direction of writing.
    var isHarmful: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

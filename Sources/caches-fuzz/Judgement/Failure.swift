/// Something that no answer of a server may bring about.
struct Failure: Codable, Hashable, Sendable {
    enum Kind: String, Codable, CaseIterable, Sendable {
        /// The process was ended.
        case crash
        /// A call took much longer than its deadline, or the tool longer than it may.
        case hang
        /// Memory or descriptors grow.
        case growth
        /// A password stands in a text.
        case secret
        /// A text that is shown or logged holds characters that harm who reads it.
        case control
        /// An error that is none of the library's, or an exit code that is none of the tool's.
        case stranger
    }

    var kind: Kind
    /// The round that it happened in; nil: it is of the whole run.
    var round: Int?
    /// The call of the round, from 0.
    var call: Int?
    var operation: String
    var text: String
    /// What was said last before it.
    var exchange: [String] = []
    /// The rounds that were under way at the same time, where one of them may be the cause: it has to be seen
    /// again when one of them is played alone, or the machine is thought to have been busy. Empty: it is
    /// certain.
    var suspects: [Int] = []
}

/// A run of the tool ended as it must not.
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
    /// The text with what is no plain character written as a Swift literal has it.
    var escaped: String {
        unicodeScalars.map { $0.isHarmful ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }
}

extension Unicode.Scalar {
    /// Whether it moves a cursor, ends a line or turns the direction of writing.
    var isHarmful: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// A reply in RESP2 as it stands on the wire, so that it can be told apart, changed and put together again.
indirect enum WireReply: Hashable, Sendable {
    /// A line by the byte that says what it is: `+`, `-`, `:`.
    case line(mark: UInt8, text: [UInt8])
    case string([UInt8])
    /// A null string or a null array, by the byte of its type.
    case nothing(mark: UInt8)
    case array([WireReply])

    static let null = nothing(mark: UInt8(ascii: "$"))

    static func status(_ text: String) -> WireReply { .line(mark: UInt8(ascii: "+"), text: Array(text.utf8)) }
    static func error(_ text: String) -> WireReply { .line(mark: UInt8(ascii: "-"), text: Array(text.utf8)) }
    static func integer(_ number: Int64) -> WireReply {
        .line(mark: UInt8(ascii: ":"), text: Array("\(number)".utf8))
    }
    static func text(_ text: String) -> WireReply { .string(Array(text.utf8)) }

    /// Its bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .line(let mark, let text):
            bytes.append(mark)
            bytes += text + [13, 10]
        case .string(let text):
            bytes += Array("$\(text.count)\r\n".utf8) + text + [13, 10]
        case .nothing(let mark):
            bytes.append(mark)
            bytes += Array("-1\r\n".utf8)
        case .array(let elements):
            bytes += Array("*\(elements.count)\r\n".utf8)
            for element in elements { element.write(to: &bytes) }
        }
    }

    /// Reads the reply that begins at an index.
    ///
    /// - Returns: nil if it is incomplete or malformed. The index is that of the first byte after it.
    init?(_ bytes: ArraySlice<UInt8>, at index: inout Int) {
        var end = index
        guard end < bytes.endIndex, let line = Self.line(bytes, at: &end) else { return nil }
        let mark = bytes[index]
        switch UnicodeScalar(mark) {
        case "+", "-", ":":
            self = .line(mark: mark, text: line)
        case "$":
            guard let count = Int(String(decoding: line, as: UTF8.self)) else { return nil }
            if count < 0 {
                self = .nothing(mark: mark)
            } else {
                guard bytes.endIndex - end >= count + 2 else { return nil }
                self = .string(Array(bytes[end..<end + count]))
                end += count + 2
            }
        case "*":
            guard let count = Int(String(decoding: line, as: UTF8.self)) else { return nil }
            if count < 0 {
                self = .nothing(mark: mark)
            } else {
                var elements: [WireReply] = []
                for _ in 0..<count {
                    guard let element = WireReply(bytes, at: &end) else { return nil }
                    elements.append(element)
                }
                self = .array(elements)
            }
        default: return nil
        }
        index = end
    }

    /// The text between the first byte and the line's end.
    private static func line(_ bytes: ArraySlice<UInt8>, at index: inout Int) -> [UInt8]? {
        guard let end = bytes[index...].firstIndex(of: 10), end > index + 1 else { return nil }
        let line = bytes[index + 1..<end - 1]
        index = end + 1
        return Array(line)
    }
}

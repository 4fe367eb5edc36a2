/// Takes whole commands, arrays of strings, out of the bytes that a client sends. It does no I/O.
struct CommandReader {
    private var bytes: [UInt8] = []
    private var position = 0

    /// Whether nothing waits to be taken.
    var isEmpty: Bool { position == bytes.count }

    /// Takes bytes that have come.
    mutating func append(_ more: [UInt8]) {
        if position > 0 {
            bytes.removeFirst(position)
            position = 0
        }
        bytes += more
    }

    /// Drops all waiting bytes.
    mutating func removeAll() {
        bytes = []
        position = 0
    }

    /// Takes one command, the words of it; nil if none is complete.
    mutating func next() -> [[UInt8]]? {
        var index = position
        guard let count = number(after: "*", at: &index), count > 0 else { return nil }
        var words: [[UInt8]] = []
        for _ in 0..<count {
            guard let length = number(after: "$", at: &index), length >= 0, bytes.count - index >= length + 2
            else { return nil }
            words.append(Array(bytes[index..<index + length]))
            index += length + 2
        }
        position = index
        return words
    }

    private func number(after mark: Unicode.Scalar, at index: inout Int) -> Int? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: mark),
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n"))
        else { return nil }
        let line = bytes[index + 1..<end]
        index = end + 1
        return Int(String(decoding: line.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self))
    }
}

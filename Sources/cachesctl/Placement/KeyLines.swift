import ArgumentParser
import CachesPlatform
import CachesTerminal

// Fast enough for a million lines: large reads, no `String` for a line, large writes.

/// The longest line of standard input that is taken as a key, in bytes.
private let longestLine = 16 << 20

/// Calls `body` with the bytes of each line of standard input, without its line feed. The last one may lack
/// it.
func forEachInputLine(_ body: (Span<UInt8>) throws -> Void) throws {
    var buffer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var number = 1
    while true {
        let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            throw ValidationError("Standard input can't be read: \(String(cString: strerror(errno))).")
        }
        guard count > 0 else { break }
        buffer += chunk[..<count]
        var start = 0
        while let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
            try body(buffer.span.extracting(start..<end))
            start = end + 1
            number += 1
        }
        buffer.removeSubrange(..<start)
        guard buffer.count <= longestLine else {
            throw ValidationError("Line \(number) of standard input is longer than 16 MiB.")
        }
    }
    if !buffer.isEmpty { try body(buffer.span) }
}

/// Lines for standard output, written many at a time.
struct OutputLines: ~Copyable {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(Self.room + (1 << 10)) }

    /// Adds a line of two columns, a tab between them.
    mutating func append(_ first: Span<UInt8>, _ second: String) throws {
        for index in first.indices { bytes.append(first[index]) }
        bytes.append(UInt8(ascii: "\t"))
        try append(second)
    }

    /// Adds a line.
    mutating func append(_ line: String) throws {
        bytes += line.utf8
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= Self.room { try flush() }
    }

    /// Writes the lines that have not been written.
    mutating func flush() throws {
        try writeAll(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    private static let room = 1 << 18
}

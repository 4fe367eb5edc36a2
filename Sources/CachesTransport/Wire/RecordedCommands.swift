/// Commands as bytes, any of which can be sent again: for those that a server redirects to another one.
package struct RecordedCommands: Sendable {
    private let bytes: [UInt8]

    /// Where each command is among the bytes.
    private let places: [Range<Int>]

    /// Records the commands written.
    /// - Throws: ``CachesError`` of code `tooLarge` for a word that no server takes. It is not written, so
    ///   that the bytes could not be read back.
    package init(_ write: (inout CommandWriter) -> Void) throws(CachesError) {
        var writer = CommandWriter()
        write(&writer)
        guard writer.largestArgument <= CommandWriter.maximumArgumentBytes else {
            throw CommandWriter.tooLarge(writer.largestArgument)
        }
        bytes = unsafe writer.buffer.withPending { unsafe [UInt8]($0) }
        var places: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            let start = position
            var words = Self.number(in: bytes, at: &position)
            while words > 0 {
                let length = Self.number(in: bytes, at: &position)
                position += length + 2
                words -= 1
            }
            places.append(start..<position)
        }
        self.places = places
    }

    /// How many they are.
    package var count: Int { places.count }

    /// The first word of a command, in capitals.
    package func name(at index: Int) -> String { word(0, at: index)?.uppercased() ?? "" }

    /// The key that a command is on, as far as its place tells: the word after the name, the first key of a
    /// script; nil if there is none.
    package func key(at index: Int) -> String? {
        word(name(at: index) == "EVAL" ? 3 : 1, at: index)
    }

    private func word(_ wanted: Int, at index: Int) -> String? {
        var position = places[index].lowerBound
        guard wanted < Self.number(in: bytes, at: &position) else { return nil }
        for _ in 0..<wanted { position += Self.number(in: bytes, at: &position) + 2 }
        let length = Self.number(in: bytes, at: &position)
        return String(decoding: bytes[position..<position + length], as: UTF8.self)
    }

    /// Commands that only mean something together: from `WATCH` or `MULTI` to `EXEC` or the end; any other by
    /// itself.
    package var units: [Range<Int>] {
        var units: [Range<Int>] = []
        var start: Int?
        for index in 0..<count {
            switch name(at: index) {
            case "WATCH", "MULTI": start = start ?? index
            case "EXEC":
                units.append((start ?? index)..<index + 1)
                start = nil
            default: if start == nil { units.append(index..<index + 1) }
            }
        }
        if let start { units.append(start..<count) }
        return units
    }

    /// Reads the number of `*3\r\n` or `$3\r\n`, and moves past it.
    private static func number(in bytes: [UInt8], at position: inout Int) -> Int {
        var number = 0
        position += 1
        while bytes[position] != UInt8(ascii: "\r") {
            number = number * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        position += 2
        return number
    }

    fileprivate func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        unsafe bytes.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[places[index]])) }
    }
}

extension CommandWriter {
    /// Writes a command that was recorded.
    package mutating func recorded(_ commands: RecordedCommands, at index: Int) {
        noteRecorded()
        unsafe commands.withBytes(at: index) { unsafe buffer.append($0) }
    }
}

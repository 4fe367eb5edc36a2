import Testing

@testable import CachesTransport

@Suite struct CommandWriterTests {
    private func written(_ write: (inout CommandWriter) -> Void) -> String {
        var writer = CommandWriter()
        write(&writer)
        return writer.buffer.withPending { String(decoding: $0, as: UTF8.self) }
    }

    @Test("A command is its number of words and the words")
    func aCommandIsItsNumberOfWordsAndTheWords() {
        let text = written { command in
            command.begin(3)
            command.argument("SET")
            command.argument("ключ")
            command.argument([0, 13, 10])
        }
        #expect(text == "*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$3\r\n\0\r\n\r\n")
    }

    @Test(
        "A number is written in decimal",
        arguments: [
            (0, "0"), (7, "7"), (-1, "-1"), (10, "10"), (99, "99"), (100, "100"), (-1000, "-1000"),
            (.max, "9223372036854775807"), (.min, "-9223372036854775808"),
        ] as [(Int64, String)])
    func aNumberIsWrittenInDecimal(_ number: Int64, _ decimal: String) {
        let text = written { command in
            command.begin(1)
            command.argument(number)
        }
        #expect(text == "*1\r\n$\(decimal.count)\r\n\(decimal)\r\n")
    }

    @Test("A number beyond 64 bits is written in decimal")
    func aNumberBeyond64BitsIsWrittenInDecimal() {
        let text = written { command in
            command.begin(1)
            command.argument(UInt64.max)
        }
        #expect(text == "*1\r\n$20\r\n18446744073709551615\r\n")
    }

    @Test("An empty word is a word")
    func anEmptyWordIsAWord() {
        let text = written { command in
            command.begin(2)
            command.argument("")
            command.argument([UInt8]())
        }
        #expect(text == "*2\r\n$0\r\n\r\n$0\r\n\r\n")
    }

    @Test("Commands follow each other")
    func commandsFollowEachOther() {
        let text = written { command in
            for _ in 0..<3 {
                command.begin(1)
                command.argument("PING")
            }
        }
        #expect(text == String(repeating: "*1\r\n$4\r\nPING\r\n", count: 3))
    }

    @Test("Fewer words than announced trap")
    func fewerWordsThanAnnouncedTrap() async {
        await #expect(processExitsWith: .failure) {
            var writer = CommandWriter()
            writer.begin(2)
            writer.argument("GET")
            writer.finish(expecting: 1)
        }
    }

    @Test("More commands than announced trap")
    func moreCommandsThanAnnouncedTrap() async {
        await #expect(processExitsWith: .failure) {
            var writer = CommandWriter()
            writer.begin(1)
            writer.argument("PING")
            writer.finish(expecting: 2)
        }
    }
}

@Suite struct OutgoingBufferTests {
    private func append(_ bytes: [UInt8], to buffer: inout OutgoingBuffer) {
        bytes.withUnsafeBytes { buffer.append($0) }
    }

    @Test("Appended bytes are sent in order through every growth")
    func whatIsAppendedIsSentInOrderThroughEveryGrowth() {
        var buffer = OutgoingBuffer()
        var expected: [UInt8] = []
        var sent: [UInt8] = []
        var random = SystemRandomNumberGenerator()
        for round in 0..<2_000 {
            let piece = (0..<Int.random(in: 0..<500, using: &random)).map { _ in
                UInt8(truncatingIfNeeded: round)
            }
            append(piece, to: &buffer)
            expected += piece
            let count = Int.random(in: 0...min(buffer.count, 400), using: &random)
            buffer.withPending { sent += $0.prefix(count) }
            buffer.consume(count)
        }
        buffer.withPending { sent += $0 }
        #expect(sent == expected)
    }

    @Test("Truncating forgets the last bytes")
    func truncatingForgetsWhatCameLast() {
        var buffer = OutgoingBuffer()
        append([1, 2, 3], to: &buffer)
        let before = buffer.count
        append([UInt8](repeating: 9, count: 10_000), to: &buffer)
        buffer.truncate(to: before)
        #expect(buffer.withPending { Array($0) } == [1, 2, 3])
    }
}

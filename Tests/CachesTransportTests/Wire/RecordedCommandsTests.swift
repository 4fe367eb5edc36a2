import Testing

@testable import CachesTransport

/// Commands as bytes, any of which can be written again.
@Suite struct RecordedCommandsTests {
    private func words(_ words: String...) -> (inout CommandWriter) -> Void {
        { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }

    private func text(_ commands: RecordedCommands, at index: Int) -> String {
        var writer = CommandWriter()
        writer.recorded(commands, at: index)
        writer.finish(expecting: 1)
        return unsafe writer.buffer.withPending { unsafe String(decoding: $0, as: UTF8.self) }
    }

    @Test("Each command is written as it was, whatever it holds")
    func bytes() throws {
        let commands = try RecordedCommands { command in
            words("GET", "a\r\n$3\r\n*1\r\n")(&command)
            words("SET", "", String(repeating: "x", count: 70_000))(&command)
            command.begin(2)
            command.argument("GET")
            command.argument(-42)
        }
        #expect(commands.count == 3)
        #expect(text(commands, at: 0) == "*2\r\n$3\r\nGET\r\n$11\r\na\r\n$3\r\n*1\r\n\r\n")
        #expect(text(commands, at: 1).hasPrefix("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$70000\r\nxxx"))
        #expect(text(commands, at: 2) == "*2\r\n$3\r\nGET\r\n$3\r\n-42\r\n")
        #expect((0..<3).map { commands.name(at: $0) } == ["GET", "SET", "GET"])
    }

    @Test("A command's key is the word after its name, and a script's the first that it is given")
    func keys() throws {
        let commands = try RecordedCommands { command in
            words("SET", "a\r\n$1", "value")(&command)
            words("eval", "return 1", "2", "{b}1", "{b}2", "x")(&command)
            words("EVAL", "return 1", "0")(&command)
            words("MULTI")(&command)
            words("GET", "")(&command)
        }
        #expect((0..<5).map { commands.key(at: $0) } == ["a\r\n$1", "{b}1", nil, nil, ""])
    }

    @Test("A word that no server takes is refused, since it is not written")
    func tooLarge() {
        let value = [UInt8](repeating: 0, count: CommandWriter.maximumArgumentBytes + 1)
        let error = #expect(throws: CachesError.self) {
            try RecordedCommands { command in
                command.begin(3)
                command.argument("SET")
                command.argument("key")
                command.argument(value)
            }
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("No commands are recorded as no commands")
    func empty() throws {
        let commands = try RecordedCommands { _ in }
        #expect(commands.count == 0)
        #expect(commands.units.isEmpty)
    }

    @Test("Transactions are units, from WATCH or MULTI to EXEC")
    func units() throws {
        let names = [
            "GET", "WATCH", "EVAL", "MULTI", "GET", "EXEC", "SET", "MULTI", "EXEC", "MULTI", "DEL", "EXEC",
            "PING",
        ]
        let commands = try RecordedCommands { command in
            for name in names { words(name)(&command) }
        }
        #expect(commands.units == [0..<1, 1..<6, 6..<7, 7..<9, 9..<12, 12..<13])
        let unfinished = try RecordedCommands { command in
            for name in ["get", "multi", "set"] { words(name)(&command) }
        }
        #expect(unfinished.units == [0..<1, 1..<3])
    }
}

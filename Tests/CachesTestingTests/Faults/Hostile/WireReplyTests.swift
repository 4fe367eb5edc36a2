import Testing

@testable import CachesTesting

@Suite("Replies and commands on the wire")
struct WireReplyTests {
    @Test(
        "Replies and commands on the wire are read and written the same",
        arguments: [
            "+OK\r\n", "-ERR x\r\n", ":5\r\n", "$-1\r\n", "*-1\r\n", "$0\r\n\r\n", "$2\r\n\r\n\r\n", "*0\r\n",
            "*2\r\n:1\r\n*1\r\n$1\r\na\r\n", "+\r\n",
        ])
    func replies(text: String) throws {
        let bytes = Array(text.utf8)
        var index = 0
        let reply = try #require(WireReply(bytes[...], at: &index))
        #expect(index == bytes.count)
        #expect(reply.bytes == bytes)
        for count in 0..<bytes.count {
            var index = 0
            #expect(WireReply(bytes[..<count], at: &index) == nil)
            #expect(index == 0)
        }
    }

    @Test("Replies and commands on the wire are refused if the first byte is not that of a type")
    func noReply() {
        var index = 0
        #expect(WireReply(Array("HTTP/1.1\r\n".utf8)[...], at: &index) == nil)
    }

    @Test("Commands are read however they are cut")
    func commands() {
        let text = "*2\r\n$3\r\nGET\r\n$2\r\n\r\n\r\n*1\r\n$4\r\nPING\r\n"
        for portion in 1...12 {
            var reader = CommandReader()
            var commands: [[[UInt8]]] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                reader.append(Array(rest.prefix(portion)))
                rest = rest.dropFirst(portion)
                while let words = reader.next() { commands.append(words) }
            }
            #expect(commands == [[Array("GET".utf8), [13, 10]], [Array("PING".utf8)]])
            #expect(reader.isEmpty)
        }
    }
}

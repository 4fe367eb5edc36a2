import Testing

@testable import CachesTransport

@Suite struct ReplyReaderTests {
    /// Feeds `text` in pieces of `size` bytes.
    private func read(
        _ text: String, piece size: Int = .max, maximumReplyBytes: Int = 1 << 20
    ) throws -> [Reply] {
        let feeder = Feeder(maximumReplyBytes)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(piece.count)
            try feeder.feed(piece)
        }
        return feeder.replies
    }

    private static func string(_ text: String) -> Reply { .string(Array(text.utf8)[...]) }

    private static let everyType = "+OK\r\n-ERR no\r\n:-42\r\n$5\r\nhe\r\nl\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
    private static let everyReply: [Reply] = [
        .status("OK"), .error(ServerError("ERR no")), .integer(-42), string("he\r\nl"), string(""), .null,
        .null,
    ]

    @Test("Every type is read however it is cut", arguments: [1, 2, 3, 5, 7, .max])
    func everyTypeIsReadHoweverItIsCut(_ piece: Int) throws {
        let replies = try read(Self.everyType, piece: piece)
        #expect(Array(replies.dropLast()) == Self.everyReply)
        #expect(replies.last?.array?.isEmpty == true)
    }

    @Test("Lists in lists are read however they are cut", arguments: [1, 2, 3, 5, 7, .max])
    func listsInListsAreReadHoweverTheyAreCut(_ piece: Int) throws {
        let text = "*4\r\n:1\r\n*3\r\n$1\r\na\r\n*1\r\n+in\r\n$-1\r\n-ERR x\r\n$1\r\nz\r\n"
        let replies = try read(text + text, piece: piece)
        #expect(replies.count == 2)
        for reply in replies {
            let list = try #require(reply.array)
            #expect(list.count == 4)
            let items = Array(list)
            #expect(items[0] == .integer(1))
            #expect(items[2] == .error(ServerError("ERR x")))
            #expect(items[3] == Self.string("z"))
            let inner = try #require(items[1].array)
            #expect(inner.count == 3)
            #expect(Array(inner)[0] == Self.string("a"))
            #expect(Array(inner)[1].array.map(Array.init) == [.status("in")])
            #expect(Array(inner)[2] == .null)
        }
    }

    /// Replies that are read without hiredis if they come whole, and replies that only look like them.
    @Test(
        "A reply is the same whole and cut",
        arguments: [
            "$-1\r\n", "$0\r\n\r\n", "$3\r\na\r\n\r\n", ":0\r\n", ":123456789\r\n", ":1234567890123\r\n",
            ":-7\r\n", "+OK\r\n",
            "+OKAY\r\n", "*0\r\n", "*-1\r\n", "*3\r\n$1\r\na\r\n$-1\r\n$0\r\n\r\n", "*2\r\n$1\r\na\r\n:1\r\n",
            "*2\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n", "*1\r\n$-1\r\n",
        ])
    func aReplyIsTheSameWholeAndCut(_ text: String) throws {
        let whole = try read(text)
        #expect(whole.count == 1)
        for size in 1..<text.utf8.count { #expect(try read(text, piece: size) == whole) }
        // Between others, and after one that was cut.
        #expect(try read("+OK\r\n" + text + text) == [.status("OK")] + whole + whole)
        let feeder = Feeder(1 << 20)
        try feeder.feed("$".utf8)
        try feeder.feed("1\r\nx\r\n\(text)".utf8)
        try feeder.feed(text.utf8)
        #expect(feeder.replies == [Self.string("x")] + whole + whole)
    }

    @Test(
        "A reply that is incomplete is waited for",
        arguments: [
            "$1\r\n", "*1000000\r\n$1\r\na\r\n", "*2\r\n$1\r\na\r\n$9\r\nb\r\n", "+O", ":12", "$", "*", "$12",
        ])
    func aReplyThatIsNotWholeIsWaitedFor(_ text: String) throws {
        let feeder = Feeder(1 << 20)
        try feeder.feed("+OK\r\n\(text)".utf8)
        #expect(feeder.replies == [.status("OK")])
        #expect(feeder.isInsideReply)
    }

    @Test("A long list of strings is read")
    func aLongListOfStringsIsRead() throws {
        let count = 20_000
        let text = "*\(count)\r\n" + (0..<count).map { "$\(String($0).utf8.count)\r\n\($0)\r\n" }.joined()
        let list = try #require(try read(text, piece: 4_099).first?.array)
        #expect(list.count == count)
        #expect(list.lazy.compactMap(\.text).elementsEqual((0..<count).map(String.init)))
    }

    @Test("An empty list inside a list is read")
    func anEmptyListInsideAListIsRead() throws {
        let list = try #require(try read("*2\r\n*0\r\n:7\r\n").first?.array)
        #expect(list.map(\.integer) == [nil, 7])
    }

    @Test(
        "Bytes that are not RESP are an error that names them",
        arguments: [
            ("garbage", "does not speak RESP"),
            ("HTTP/1.1 200 OK\r\n", "HTTP server"),
            ("\u{15}\u{3}\u{1}", "rediss://"),
            (String(repeating: "*1\r\n", count: 20) + ":1\r\n", "nested too deep"),
            ("%1\r\n+a\r\n+b\r\n", "does not speak RESP"),
        ])
    func whatIsNotRESPIsAnErrorThatSaysWhatItIs(_ text: String, _ words: String) {
        let error = #expect(throws: CachesError.self) { try read(text) }
        #expect(error?.code == .protocolViolation)
        #expect(error.map(String.init(describing:))?.contains(words) == true)
    }

    @Test(
        "A reply larger than allowed is an error",
        arguments: [
            "$2000\r\n" + String(repeating: "x", count: 2000) + "\r\n",
            "$9223372036854775807\r\n" + String(repeating: "x", count: 2000),
            "*2\r\n$600\r\n" + String(repeating: "x", count: 600) + "\r\n$600\r\n"
                + String(repeating: "x", count: 600)
                + "\r\n",
            "*200000\r\n" + String(repeating: ":1\r\n", count: 200_000),
        ])
    func aReplyLargerThanAllowedIsAnError(_ text: String) {
        let error = #expect(throws: CachesError.self) { try read(text, maximumReplyBytes: 1000) }
        #expect(error?.code == .tooLarge)
    }

    @Test("A reply as large as allowed is read however it is cut", arguments: [1, 1006, 1008, .max])
    func aReplyAsLargeAsAllowedIsReadHoweverItIsCut(_ piece: Int) throws {
        for size in [994, 1000] {
            let value = String(repeating: "x", count: size)
            let text = "$\(size)\r\n\(value)\r\n"
            #expect(try read(text, piece: piece, maximumReplyBytes: 1000) == [Self.string(value)])
            let error = #expect(throws: CachesError.self) {
                try read(text, piece: piece, maximumReplyBytes: size - 1)
            }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test(
        "A line without end is an error that says how long one may be",
        arguments: [
            "+", "-", ":", "$", "*", "*2\r\n$1\r\na\r\n+", "*1\r\n*", "$00000000000000000000000000000",
        ])
    func aLineWithoutEndIsAnErrorThatSaysHowLongOneMayBe(_ beginning: String) throws {
        for piece in [97, .max] {
            let error = #expect(throws: CachesError.self) {
                try read(
                    beginning + String(repeating: "0", count: 70_000), piece: piece,
                    maximumReplyBytes: 1 << 30)
            }
            #expect(error?.code == .protocolViolation)
            #expect(error?.incident == .replyUnreadable)
            #expect(error?.message.contains("a line of more than 65536 bytes") == true, "\(error!)")
        }
    }

    @Test("A line as long as allowed is read however it is cut")
    func aLineAsLongAsAllowedIsReadHoweverItIsCut() throws {
        let text = String(repeating: "x", count: ReplyReader.mostLineBytes - 1)
        for piece in [1, 4095, 4096, .max] {
            let replies = try read("+\(text)\r\n:1\r\n-\(text)\r\n", piece: piece)
            #expect(replies == [.status(text), .integer(1), .error(ServerError(text))])
        }
    }

    @Test("A false end of a line does not end it", arguments: [1, 2, 3, 5, 7, .max])
    func whatLooksLikeTheEndOfALineIsNone(_ piece: Int) throws {
        #expect(try read("+a\nb\rc\n\r\r\n$1\r\n\n\r\n", piece: piece).last == Self.string("\n"))
    }

    @Test(
        "A list counts as the memory that it takes",
        arguments: ["$-1\r\n", ":1\r\n", "*0\r\n", "$0\r\n\r\n", "+\r\n"])
    func aListCountsAsWhatItTakesInMemory(_ item: String) throws {
        let text = "*1000000\r\n" + String(repeating: item, count: 40_000)
        // 24 bytes for each item are less than a million, and more than 900 000.
        #expect(try read(text, maximumReplyBytes: 1_000_000).isEmpty)
        let error = #expect(throws: CachesError.self) { try read(text, maximumReplyBytes: 900_000) }
        #expect(error?.code == .tooLarge)
    }

    @Test("A list that announces two billion items takes no memory for them")
    func aListThatAnnouncesTwoBillionItemsTakesNoMemoryForThem() throws {
        #expect(try read("*2147483647\r\n:1\r\n").isEmpty)
    }

    @Test("It knows whether it is inside a reply")
    func itKnowsWhetherItIsInsideAReply() throws {
        let feeder = Feeder(1000)
        #expect(!feeder.isInsideReply)
        try feeder.feed("$10\r\nhalf".utf8)
        #expect(feeder.isInsideReply)
        try feeder.feed("a-val\r\r\n".utf8)
        #expect(!feeder.isInsideReply)
        try feeder.feed("*2\r\n:1\r\n".utf8)
        #expect(feeder.isInsideReply)
    }

    @Test("Noise is refused and never traps however it is cut", arguments: 0..<20)
    func noiseIsRefusedAndNeverTrapsHoweverItIsCut(_ seed: UInt64) {
        var state = seed
        let noise = (0..<65_536).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        #expect(throws: CachesError.self) { try Feeder(1 << 20).feed(noise) }
    }
}

/// A reader that can be copied by reference, as `#expect` does with what it looks at.
private final class Feeder {
    private let reader: ReplyReader
    private(set) var replies: [Reply] = []

    init(_ maximumReplyBytes: Int) { reader = ReplyReader(maximumReplyBytes: maximumReplyBytes) }

    var isInsideReply: Bool { reader.isInsideReply }

    func feed(_ bytes: some Collection<UInt8>) throws {
        let bytes = Array(bytes)
        try bytes.withUnsafeBytes { try reader.read($0) { replies.append($0) } }
    }
}

extension HostileServer {
    /// A hostile server's answer to one command: any bytes, in any number, at any speed and with any end.
    ///
    /// ```swift
    /// .truth                                              // what a sound server says
    /// .text("$-5\r\n")                                    // a string of a negative length
    /// .array(announcing: 2_147_483_647)                   // of which nothing comes
    /// .line("+", endless: "a")                            // a line without an end
    /// .truth.closing(afterBytes: 3)                       // a part of the truth
    /// .truth.paced(bytesPerSecond: 2)                     // the truth, in a while
    /// .moved(slot: 1, to: "127.0.0.1:1")
    /// ```
    public struct Answer: Hashable, Sendable {
        /// The step after the bytes.
        public enum Ending: Hashable, Sendable {
            /// The answers to the following commands.
            case more
            /// The end of the connection, in order.
            case close
            /// The end of the connection, by RST.
            case reset
        }

        /// The bytes that are sent. nil: the truth.
        public var bytes: [UInt8]?

        /// Bytes that are sent after those, again and again.
        public var refrain: [UInt8] = []

        /// How many times the refrain is sent. `Int.max`: until the client closes.
        public var refrains = 0

        /// Bytes that are sent after the last refrain.
        public var coda: [UInt8] = []

        /// How many bytes a second are sent at most, 1 or more. nil: as many as the client takes.
        public var bytesPerSecond: Int?

        /// How many bytes are sent at most, 0 or more. nil: all.
        public var limit: Int?

        /// The step after that.
        public var ending = Ending.more

        /// An answer of some bytes. nil: of the truth.
        public init(bytes: [UInt8]?) { self.bytes = bytes }
    }
}

extension HostileServer.Answer {
    /// A sound server's answer.
    public static let truth = Self(bytes: nil)

    /// Nothing: the client waits.
    public static let silence = Self(bytes: [])

    /// The end of the connection, in order.
    public static let close = Self(bytes: []).then(.close)

    /// The end of the connection, by RST.
    public static let reset = Self(bytes: []).then(.reset)

    /// A text's UTF-8, as it is: `.text("+OK\r\n")`.
    public static func text(_ text: String) -> Self { Self(bytes: Array(text.utf8)) }

    /// An error, whatever its text holds: `.error("ERR no\nway")`.
    public static func error(_ text: String) -> Self { .text("-\(text)\r\n") }

    /// A number, or a text that is not one: `.integer("99999999999999999999")`.
    public static func integer(_ text: String) -> Self { .text(":\(text)\r\n") }

    /// A number.
    public static func integer(_ number: Int64) -> Self { .integer("\(number)") }

    /// A string.
    public static func string(_ bytes: [UInt8]) -> Self {
        Self(bytes: Array("$\(bytes.count)\r\n".utf8) + bytes + [13, 10])
    }

    /// A string of so many bytes, 0 or more, all alike.
    public static func string(count: Int) -> Self {
        Self.text("$\(count)\r\n").repeating(Array("x".utf8), times: count, then: [13, 10])
    }

    /// A line that has no end: its first byte, which says what it is, and the same text again and again.
    public static func line(_ mark: String, endless text: String) -> Self {
        Self.text(mark).repeating(Array(text.utf8))
    }

    /// A string of which only the length comes.
    public static func string(announcing count: Int) -> Self { .text("$\(count)\r\n") }

    /// An array of which only the length comes.
    public static func array(announcing count: Int) -> Self { .text("*\(count)\r\n") }

    /// An array of so many elements, 0 or more, that are all alike: `.array(count: 3, of: ":1\r\n")`.
    public static func array(count: Int, of element: String) -> Self {
        Self.text("*\(count)\r\n").repeating(Array(element.utf8), times: count)
    }

    /// Arrays of one element inside each other, `depth` of them, round the number 1.
    public static func nested(_ depth: Int) -> Self {
        Self(bytes: []).repeating(Array("*1\r\n".utf8), times: depth, then: Array(":1\r\n".utf8))
    }

    /// A cluster's word that another server owns the slot.
    public static func moved(slot: Int, to address: String) -> Self { .error("MOVED \(slot) \(address)") }

    /// A cluster's word that another server may have the key.
    public static func ask(slot: Int, to address: String) -> Self { .error("ASK \(slot) \(address)") }

    /// Random bytes: the same ones for the same seed.
    public static func noise(_ count: Int, seed: UInt64 = 1) -> Self {
        var generator = SplitMix64(seed: seed)
        return Self(bytes: (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The same, so slowly: 1 byte a second or more.
    public func paced(bytesPerSecond: Int) -> Self {
        var answer = self
        answer.bytesPerSecond = max(1, bytesPerSecond)
        return answer
    }

    /// So many bytes of it, 0 or more, and then the end of the connection.
    public func closing(afterBytes count: Int) -> Self {
        var answer = then(.close)
        answer.limit = max(0, count)
        return answer
    }

    /// The same, and something else after it.
    public func then(_ ending: Ending) -> Self {
        var answer = self
        answer.ending = ending
        return answer
    }

    /// The same, and bytes after it so many times. Without a number: until the client closes.
    ///
    /// - Parameter last: The bytes at the end, if there is an end.
    public func repeating(_ refrain: [UInt8], times: Int = .max, then last: [UInt8] = []) -> Self {
        var answer = self
        answer.refrain = refrain
        answer.refrains = max(0, times)
        answer.coda = last
        return answer
    }
}

extension ScriptedServer {
    /// One thing that a scripted server does with a connection.
    public enum Step: Hashable, Sendable {
        /// Waits until any bytes have come, and takes all of them.
        case receive
        /// Waits until one whole command has come, and takes it.
        case receiveCommand
        /// Answers `+OK` to each command until one of this name (in capitals) has come, which it takes
        /// without an answer: a test need not know the commands that clients send when they connect.
        case answerUntil(String)
        /// Answers `+PONG` to each command until one of this name (in capitals) has come, on which it closes
        /// the connection, as proxies do on a command that they don't know.
        case hangUpOn(String)
        /// Sends bytes.
        case send([UInt8])
        /// Closes the connection in order, by FIN.
        case close
        /// Resets the connection, by RST.
        case reset
    }

    /// The steps of a scripted server on each connection. When the steps have been taken it stays connected,
    /// silent and reading, until the client closes.
    ///
    /// ```swift
    /// let script: ScriptedServer.Script = [.answerUntil("GET"), .send("$100\r\nhalf a val"), .close]
    /// ```
    public struct Script: Hashable, Sendable, ExpressibleByArrayLiteral {
        /// The steps, in order.
        public var steps: [Step]

        /// Makes a script of steps.
        public init(_ steps: [Step]) { self.steps = steps }

        public init(arrayLiteral steps: Step...) { self.steps = steps }
    }
}

extension ScriptedServer.Step {
    /// Sends a text's UTF-8.
    public static func send(_ text: String) -> Self { .send(Array(text.utf8)) }
}

extension ScriptedServer.Script {
    /// The steps that come first, then these.
    private static func after(_ command: String?, _ steps: [ScriptedServer.Step]) -> Self {
        Self([command.map { .answerUntil($0) } ?? .receive] + steps)
    }

    /// Announces a value of 100 bytes, sends ten, and closes.
    ///
    /// - Parameter command: as in all scripts here, the command that gets this; those before it get `+OK`.
    ///   nil: the first bytes of any kind.
    public static func closesInMidReply(to command: String? = nil) -> Self {
        after(command, [.send("$100\r\nhalf a val"), .close])
    }

    /// Closes instead of answering.
    public static func closes(on command: String? = nil) -> Self { after(command, [.close]) }

    /// Resets the connection instead of answering.
    public static func resets(on command: String? = nil) -> Self { after(command, [.reset]) }

    /// Answers as an HTTP server does to a bad request, which is not RESP, and stays connected.
    public static func garbage(to command: String? = nil) -> Self {
        after(command, [.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")])
    }

    /// Answers with arrays of one element inside each other, `depth` of them, round the number 1.
    public static func nested(_ depth: Int, to command: String? = nil) -> Self {
        after(command, [.send(String(repeating: "*1\r\n", count: depth) + ":1\r\n")])
    }

    /// Answers with `count` random bytes: the same ones for the same seed.
    public static func noise(_ count: Int = 65_536, seed: UInt64 = 1, to command: String? = nil) -> Self {
        var generator = SplitMix64(seed: seed)
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return after(command, [.send(bytes)])
    }

    /// Takes connections and everything that comes, and answers nothing.
    public static let neverAnswers: Self = []
}

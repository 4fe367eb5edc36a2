/// Where one connection is in its script: bytes go in, actions come out. It does no I/O.
struct ScriptPlayback {
    /// The connection's next step.
    enum Action: Hashable {
        case wait
        case send([UInt8])
        case close
        case reset
    }

    private var steps: ArraySlice<ScriptedServer.Step>
    private var input = CommandReader()

    init(_ script: ScriptedServer.Script) { steps = script.steps[...] }

    /// Takes bytes that have come.
    mutating func received(_ bytes: [UInt8]) {
        // When nothing is left to do with them, they needn't be kept.
        if !steps.isEmpty { input.append(bytes) }
    }

    /// The next action. To be asked again after each but `wait`, and after bytes have come.
    mutating func next() -> Action {
        while let step = steps.first {
            switch step {
            case .receive:
                guard !input.isEmpty else { return .wait }
                input.removeAll()
                steps.removeFirst()
            case .receiveCommand:
                guard takeCommand() != nil else { return .wait }
                steps.removeFirst()
            case .answerUntil(let name):
                guard let command = takeCommand() else { return .wait }
                guard command == name else { return .send(Array("+OK\r\n".utf8)) }
                steps.removeFirst()
            case .hangUpOn(let name):
                guard let command = takeCommand() else { return .wait }
                return command == name ? .close : .send(Array("+PONG\r\n".utf8))
            case .send(let bytes):
                steps.removeFirst()
                return .send(bytes)
            case .close:
                return .close
            case .reset:
                return .reset
            }
        }
        return .wait
    }

    /// Removes one whole command, an array of bulk strings, from the input: its first word in capitals.
    private mutating func takeCommand() -> String? {
        input.next()?.first.map { String(decoding: $0, as: UTF8.self).uppercased() }
    }
}

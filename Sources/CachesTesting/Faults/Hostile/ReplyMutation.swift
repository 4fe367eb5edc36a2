/// Turns a true reply into a lie.
struct ReplyMutation<Generator: RandomNumberGenerator> {
    var generator: Generator

    mutating func answer(_ lie: HostileServer.Lie, to command: HostileServer.Command) -> HostileServer.Answer
    {
        switch lie {
        case .numbers: changed(command.truth) { $0.withOtherNumbers($1) }
        case .types: changed(command.truth) { mutation, _ in mutation.anything(depth: 0) }
        case .repetition: changed(command.truth) { $0.withRepetition($1) }
        case .order: changed(command.truth) { $0.withOtherOrder($1) }
        case .texts:
            chance(30)
                ? .error("ERR " + pick(Falsehoods.texts)) : changed(command.truth) { $0.withHarmfulText($1) }
        case .lengths: HostileServer.Answer(bytes: withOtherLengths(command.truth))
        case .bits: HostileServer.Answer(bytes: withOtherBits(command.truth))
        case .truncation: .truth.closing(afterBytes: below(command.truth.count))
        case .quotation: .error(quotation(of: command))
        case .errors: .error(pick(Falsehoods.errors))
        case .resp3: .text(pick(Falsehoods.resp3))
        case .surplus: HostileServer.Answer(bytes: command.truth + surplus(command.truth))
        case .redirections: redirection()
        case .announcements: announcement()
        case .nesting: .nested(pick([7, 9, 10, 100, 10_000]))
        case .floods: flood()
        case .noise: .noise(1 + below(300), seed: generator.next())
        case .silence: .silence
        case .endings: pick([.close, .reset])
        case .slowness: .truth.paced(bytesPerSecond: pick([2, 20, 200]))
        }
    }

    // MARK: Chance

    mutating func below(_ bound: Int) -> Int { bound < 1 ? 0 : Int.random(in: 0..<bound, using: &generator) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    // MARK: The truth, changed

    /// The truth, with some of its parts changed: one at least, if there are any.
    private mutating func changed(
        _ truth: [UInt8], _ change: (inout Self, WireReply) -> WireReply
    ) -> HostileServer.Answer {
        var index = 0
        guard let reply = WireReply(truth[...], at: &index) else { return .truth }
        let parts = reply.partCount
        var chosen: Set<Int> = [below(parts)]
        if chance(30) { for _ in 0..<3 { chosen.insert(below(parts)) } }
        var number = 0
        return HostileServer.Answer(bytes: rewritten(reply, &number, chosen, change).bytes)
    }

    private mutating func rewritten(
        _ reply: WireReply, _ number: inout Int, _ chosen: Set<Int>,
        _ change: (inout Self, WireReply) -> WireReply
    ) -> WireReply {
        let isChosen = chosen.contains(number)
        number += 1
        var result = reply
        if case .array(let elements) = reply {
            result = .array(elements.map { rewritten($0, &number, chosen, change) })
        }
        return isChosen ? change(&self, result) : result
    }

    private mutating func number() -> String {
        chance(70) ? pick(Falsehoods.numbers) : "\(Int64(bitPattern: generator.next() >> UInt64(below(64))))"
    }

    private mutating func withOtherNumbers(_ reply: WireReply) -> WireReply {
        switch reply {
        case .line(let mark, let text): .line(mark: mark, text: withOtherNumbers(text))
        case .string(let text): .string(withOtherNumbers(text))
        case .nothing: .line(mark: UInt8(ascii: ":"), text: Array(number().utf8))
        case .array(let elements): .array(elements.isEmpty ? [.text(number())] : elements)
        }
    }

    /// A text with a number in place of one in it, or of all of it.
    private mutating func withOtherNumbers(_ text: [UInt8]) -> [UInt8] {
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let starts = text.indices.filter { isDigit(text[$0]) && ($0 == 0 || !isDigit(text[$0 - 1])) }
        guard !starts.isEmpty, !chance(10) else { return Array(number().utf8) }
        let start = pick(starts)
        let end = text[start...].firstIndex { !isDigit($0) } ?? text.endIndex
        return text[..<start] + Array(number().utf8) + text[end...]
    }

    private mutating func withRepetition(_ reply: WireReply) -> WireReply {
        guard case .array(let elements) = reply, !elements.isEmpty else { return .array([reply, reply]) }
        if chance(50) { return .array(elements + elements) }
        let element = pick(elements)
        return .array(elements + Array(repeating: element, count: pick([1, 2, 1000])))
    }

    private mutating func withOtherOrder(_ reply: WireReply) -> WireReply {
        guard case .array(var elements) = reply, !elements.isEmpty else { return .array([]) }
        switch below(3) {
        case 0: elements.shuffle(using: &generator)
        case 1: elements.removeFirst(1 + below(elements.count))
        default: elements.removeLast(1 + below(elements.count))
        }
        return .array(elements)
    }

    /// A reply of any type.
    mutating func anything(depth: Int) -> WireReply {
        switch below(depth > 3 ? 6 : 8) {
        case 0: .status(pick(Falsehoods.statuses))
        case 1: .error(pick(Falsehoods.errors))
        case 2: .line(mark: UInt8(ascii: ":"), text: Array(number().utf8))
        case 3: .nothing(mark: UInt8(ascii: pick(["$", "*"])))
        case 4: .text(number())
        case 5: .text(chance(50) ? pick(Falsehoods.texts) : String(repeating: "x", count: below(10_000)))
        default: .array((0..<pick([0, 1, 2, 3, 5, 7, 40])).map { _ in anything(depth: depth + 1) })
        }
    }

    // MARK: Texts

    private mutating func withHarmfulText(_ reply: WireReply) -> WireReply {
        let text =
            chance(30)
            ? [0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80, 0xF4, 0x90] : Array(pick(Falsehoods.texts).utf8)
        return switch reply {
        case .line(let mark, let old): .line(mark: mark, text: old + text)
        case .array(let elements): .array(elements + [.string(text)])
        case .string, .nothing: .string(text)
        }
    }

    private mutating func quotation(of command: HostileServer.Command) -> String {
        let quoted = command.words.map { "'\(String(decoding: $0.prefix(200), as: UTF8.self))'" }
        return "ERR unknown command, with args beginning with: " + quoted.joined(separator: " ")
    }

    // MARK: Bytes

    private mutating func withOtherLengths(_ truth: [UInt8]) -> [UInt8] {
        let marks = truth.indices.filter { index in
            [UInt8(ascii: "$"), UInt8(ascii: "*")].contains(truth[index])
                && (index == 0 || truth[index - 1] == 10)
        }
        guard !marks.isEmpty else { return Array("$\(number())\r\n".utf8) + truth }
        let mark = pick(marks)
        let end = truth[mark...].firstIndex(of: 13) ?? truth.endIndex
        let length = Int(String(decoding: truth[(mark + 1)..<end], as: UTF8.self)) ?? 0
        let other = chance(50) ? "\(length + pick([-1, 1, 2, -2]))" : number()
        return truth[...mark] + Array(other.utf8) + truth[end...]
    }

    private mutating func withOtherBits(_ truth: [UInt8]) -> [UInt8] {
        var bytes = truth
        guard !bytes.isEmpty else { return bytes }
        for _ in 0..<(1 + below(4)) { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
        return bytes
    }

    private mutating func surplus(_ truth: [UInt8]) -> [UInt8] {
        if chance(50) { return truth }
        let reply = anything(depth: 2).bytes
        var bytes: [UInt8] = []
        for _ in 0..<pick([1, 2, 100]) { bytes += reply }
        return bytes
    }

    // MARK: Sizes

    private mutating func announcement() -> HostileServer.Answer {
        let count = pick(Falsehoods.counts)
        return .text(
            pick(["*", "$", "%", "*2\r\n*"]) + count + "\r\n" + pick(["", ":1\r\n", "abc", "\r\n"]))
    }

    private mutating func flood() -> HostileServer.Answer {
        let bytes = pick([100_000, 1_000_000, 4_000_000])
        let answer: HostileServer.Answer =
            switch below(5) {
            case 0: .line(pick(Falsehoods.marks), endless: pick(["1", "a"]))
            case 1: .array(count: bytes, of: pick(Falsehoods.elements))
            case 2: .string(count: bytes)
            case 3: HostileServer.Answer(bytes: []).repeating(Array("+OK\r\n".utf8))
            default: HostileServer.Answer(bytes: []).repeating(Array("*1\r\n".utf8))
            }
        return answer.closing(afterBytes: bytes)
    }

    private mutating func redirection() -> HostileServer.Answer {
        let slot = chance(80) ? "\(below(16_384))" : number()
        let address =
            switch below(3) {
            case 0: "127.0.0.1:\(1 + below(65_535))"
            case 1: "127.0.0.\(1 + below(250)):1"
            default: pick(Falsehoods.addresses)
            }
        return .error("\(pick(["MOVED", "ASK"])) \(slot) \(address)")
    }
}

extension WireReply {
    /// How many parts it has, itself among them.
    fileprivate var partCount: Int {
        if case .array(let elements) = self { elements.reduce(1) { $0 + $1.partCount } } else { 1 }
    }
}

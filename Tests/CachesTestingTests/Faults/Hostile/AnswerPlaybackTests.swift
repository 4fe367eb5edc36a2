import Testing

@testable import CachesTesting

@Suite("The answers that a hostile server still has to send")
struct AnswerPlaybackTests {
    typealias Answer = HostileServer.Answer

    struct Case: Sendable {
        var answer: Answer
        var sent: String
        var step: AnswerPlayback.Step = .wait
    }

    static let truth = Array("$2\r\nhi\r\n".utf8)

    @Test(
        "The answers that a hostile server still has to send are sent whole, or as far as they go",
        arguments: [
            Case(answer: .truth, sent: "$2\r\nhi\r\n"),
            Case(answer: .silence, sent: ""),
            Case(answer: .error("a\nb"), sent: "-a\nb\r\n"),
            Case(answer: .integer(5), sent: ":5\r\n"),
            Case(answer: .string([65]), sent: "$1\r\nA\r\n"),
            Case(answer: .string(count: 3), sent: "$3\r\nxxx\r\n"),
            Case(answer: .array(count: 2, of: ":1\r\n"), sent: "*2\r\n:1\r\n:1\r\n"),
            Case(answer: .nested(2), sent: "*1\r\n*1\r\n:1\r\n"),
            Case(answer: .nested(0), sent: ":1\r\n"),
            Case(answer: .array(announcing: 9), sent: "*9\r\n"),
            Case(answer: .moved(slot: 3, to: "h:1"), sent: "-MOVED 3 h:1\r\n"),
            Case(answer: .truth.closing(afterBytes: 4), sent: "$2\r\n", step: .close),
            Case(answer: .line(":", endless: "12").closing(afterBytes: 6), sent: ":12121", step: .close),
            Case(answer: .close, sent: "", step: .close),
            Case(answer: .reset, sent: "", step: .reset),
            Case(answer: .integer(1).then(.close), sent: ":1\r\n", step: .close),
        ])
    func whole(row: Case) {
        for portion in [1, 3, 100_000] {
            var playback = AnswerPlayback()
            playback.add(row.answer, truth: Self.truth)
            let (text, step) = Self.played(&playback, portion: portion)
            #expect(text == row.sent)
            #expect(step == row.step)
            #expect(playback.isEmpty == (row.step == .wait))
        }
    }

    @Test("The answers that a hostile server still has to send are sent in order")
    func order() {
        var playback = AnswerPlayback()
        for number in 0..<200 { playback.add(.integer(Int64(number)), truth: []) }
        #expect(Self.played(&playback, portion: 7).text == (0..<200).map { ":\($0)\r\n" }.joined())
        playback.add(.truth, truth: [65])
        #expect(Self.played(&playback, portion: 7).text == "A")
    }

    @Test("The answers that a hostile server still has to send have no end if they are endless")
    func endless() {
        var playback = AnswerPlayback()
        playback.add(.line("+", endless: "ab"), truth: [])
        var count = 0
        for _ in 0..<1000 {
            guard case .send(let bytes) = playback.next(now: .now) else {
                Issue.record("an end")
                return
            }
            #expect(!bytes.isEmpty)
            count += bytes.count
            playback.sent(bytes.count)
        }
        #expect(count > 1 << 20)
    }

    @Test("The answers that a hostile server still has to send keep their pace")
    func pace() throws {
        var playback = AnswerPlayback()
        playback.add(Answer(bytes: Array("0123456789".utf8)).paced(bytesPerSecond: 2), truth: [])
        let begin = ContinuousClock.now
        var sent = 0
        var latest = begin
        while true {
            switch playback.next(now: latest) {
            case .send(let bytes):
                // The bytes sent never exceed those that the time allows, and the first byte.
                sent += bytes.count
                #expect(Double(sent) <= 1 + (latest - begin) / .seconds(1) * 2)
                playback.sent(bytes.count)
            case .pause(let time):
                try #require(time > latest)
                latest = time
            default:
                #expect(sent == 10)
                #expect(latest - begin >= .seconds(4.5) && latest - begin < .seconds(5))
                return
            }
        }
    }

    /// All bytes that are sent at once, a portion at a time, and the actions after them.
    private static func played(
        _ playback: inout AnswerPlayback, portion: Int
    ) -> (text: String, step: AnswerPlayback.Step) {
        var sent: [UInt8] = []
        while true {
            let step = playback.next(now: .now)
            guard case .send(let bytes) = step else { return (String(decoding: sent, as: UTF8.self), step) }
            sent += bytes.prefix(portion)
            playback.sent(min(portion, bytes.count))
        }
    }
}

import Testing

@testable import CachesTransport

@Suite("Numbers that a server sends")
struct PeerNumberTests {
    static let extremes: [Int64] = [
        .min, -1, 0, 1, 255, 16_383, 65_535, 65_536, 1 << 40, 1 << 48, 1 << 53, .max,
    ]

    static let kinds: [PeerNumber] = [
        .count, .count(atMost: 3), .count(atMost: 0), .count(atMost: -1), .milliseconds, .seconds,
        .microseconds, .port, .slot, .frequency, .epoch,
    ]

    @Test(
        "A number is read if it is in its range, sent as one or as text, and otherwise refused",
        arguments: kinds)
    func ranges(kind: PeerNumber) {
        for number in Self.extremes {
            let expected = kind.range.contains(number) ? Int(number) : nil
            #expect(Reply.integer(number).number(kind) == expected)
            #expect(Reply.string(Array("\(number)".utf8)[...]).number(kind) == expected)
            #expect(kind.range.contains(Int64(kind.clamped(number))))
        }
        for text in ["", "+1", " 1", "1.0", "0x1", "9223372036854775808", "nan", "\u{0661}"] {
            #expect(text.number(kind) == nil)
        }
        for reply in [Reply.null, .array(ReplyArray(items: [.array(count: 0, end: 1)], bytes: []))] {
            #expect(reply.number(kind) == nil)
        }
    }

    @Test("The sum of as many counts as there may be servers is a number")
    func sums() {
        let most = Int(PeerNumber.count.range.upperBound)
        #expect(!most.multipliedReportingOverflow(by: 32_767).overflow)
        #expect(!Int(PeerNumber.seconds.range.upperBound).multipliedReportingOverflow(by: 1_000_000).overflow)
    }

    private func time(_ seconds: String, _ microseconds: String) -> ServerTime? {
        let bytes = Array((seconds + microseconds).utf8)
        return ServerTime(
            .array(
                ReplyArray(
                    items: [
                        .array(count: 2, end: 3), .string(start: 0, end: seconds.utf8.count),
                        .string(start: seconds.utf8.count, end: bytes.count),
                    ], bytes: bytes)))
    }

    @Test("A clock that no server has is refused")
    func clocks() {
        #expect(time("1800000000", "5")?.microseconds == 1_800_000_000_000_005)
        #expect(time("1800000000", "5000")?.milliseconds == 1_800_000_000_005)
        for (seconds, microseconds) in [
            ("9223372036854775807", "0"), ("-1", "0"), ("1", "1000000"), ("1", "9223372036854775807"),
            ("1", "-1"), ("", "1"), ("\(1 << 41)", "0"),
        ] { #expect(time(seconds, microseconds) == nil) }
        #expect(ServerTime(.null) == nil)
    }

    @Test("A duration has whole milliseconds, however long it is")
    func durations() {
        #expect(Duration.milliseconds(1500).inMilliseconds == 1500)
        #expect((Duration.zero - .microseconds(1500)).inMilliseconds == -1)
        #expect(Duration.milliseconds(Int64.max).inMilliseconds == .max)
        #expect(Duration.seconds(Int64.max).inMilliseconds == .max)
        #expect(Duration.seconds(Int64.min).inMilliseconds == .min)
    }
}

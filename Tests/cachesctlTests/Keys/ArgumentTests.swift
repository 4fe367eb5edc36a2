import Caches
import Testing

@testable import cachesctl

struct ArgumentTests {
    @Test(
        "A ttl is a number and a unit, seconds without one",
        arguments: [
            ("250ms", .milliseconds(250)), ("90s", .seconds(90)), ("90", .seconds(90)), ("5m", .minutes(5)),
            ("2h", .hours(2)), ("1d", .days(1)), ("1.5h", .hours(1.5)), ("0.25", .seconds(0.25)),
        ] as [(String, TTL)])
    func ttl(text: String, expected: TTL) {
        #expect(TTLArgument(argument: text)?.ttl == expected)
        #expect(TTLArgument(argument: text)?.text == (text.last?.isNumber == true ? text + "s" : text))
    }

    @Test(
        "Any other text is refused",
        arguments: [
            "", "s", "5x", "-5s", "5 s", "1.2.3s", "1e3", "inf", "nan", "0x1p3", "٣s", "5S", "0", "0ms",
        ])
    func noTTL(text: String) { #expect(TTLArgument(argument: text) == nil) }
}

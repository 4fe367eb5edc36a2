import Testing

@testable import CachesCluster

@Suite struct OptionFormTests {
    @Test(
        "Times",
        arguments: [
            ("500ms", .milliseconds(500)), ("1.5s", .milliseconds(1500)), ("2s", .seconds(2)),
            ("2", .seconds(2)),
            ("0.1", .milliseconds(100)), ("1m", .seconds(60)), ("0.5m", .seconds(30)),
            ("24h", .seconds(86_400)),
            ("1ms", .milliseconds(1)), ("0.001", .milliseconds(1)), ("1.000001ms", .nanoseconds(1_000_001)),
            ("86400000ms", .seconds(86_400)),
            ("0", nil), ("0s", nil), ("0.9ms", nil), ("-1s", nil), ("+1s", nil), ("1 s", nil), ("", nil),
            ("s", nil), ("ms", nil), ("1d", nil), ("1M", nil), ("1e3", nil), (".5", nil), ("1.", nil),
            ("1..5", nil), ("1.5.5", nil), ("1.0000001", nil), ("25h", nil), ("86400001ms", nil),
            ("nan", nil),
            ("99999999999999999999", nil), ("٣", nil),
        ] as [(String, Duration?)])
    func durations(text: String, expected: Duration?) {
        let form = OptionForm.duration
        #expect(form.parse(text) == expected)
        if let expected { #expect(form.parse(form.print(expected)) == expected) }
    }

    @Test(
        "A time is printed the short way",
        arguments: [
            (.milliseconds(500), "500ms"), (.milliseconds(1500), "1500ms"), (.seconds(2), "2s"),
            (.seconds(60), "1m"), (.seconds(61), "61s"), (.microseconds(1500), "1.5ms"), (.seconds(0), "0s"),
            (.nanoseconds(1_000_001), "1.000001ms"),
        ] as [(Duration, String)])
    func printedDurations(duration: Duration, text: String) {
        #expect(OptionForm.duration.print(duration) == text)
    }

    @Test(
        "Numbers of bytes",
        arguments: [
            ("1", 1), ("1048576", 1 << 20), ("64MiB", 64 << 20), ("64mb", 64 << 20), ("1GIB", 1 << 30),
            ("2gb", 2 << 30), ("512kb", 512 << 10), ("3KiB", 3 << 10),
            ("0", nil), ("-1", nil), ("1.5MiB", nil), ("MiB", nil), ("1k", nil), ("1b", nil), ("", nil),
            ("1 MiB", nil), ("9999999999gb", nil), ("99999999999999999999", nil),
        ] as [(String, Int?)])
    func bytes(text: String, expected: Int?) {
        let form = OptionForm.bytes
        #expect(form.parse(text) == expected)
        if let expected { #expect(form.parse(form.print(expected)) == expected) }
    }

    @Test(
        "Weights",
        arguments: [
            ("1", 1), ("0.001", 0.001), ("2.5", 2.5), ("1000000", 1_000_000), ("0.0009", nil),
            ("1000000.1", nil),
            ("1e3", nil), ("0x1p3", nil), ("nan", nil), ("inf", nil), ("-1", nil), ("", nil), (".", nil),
        ] as [(String, Double?)])
    func weights(text: String, expected: Double?) {
        let form = OptionForm.weight
        #expect(form.parse(text) == expected)
        if let expected { #expect(form.print(expected) == text) }
    }
}

import Testing

@testable import CachesTerminal

struct FiguresTests {
    @Test(
        "Thousands stand apart",
        arguments: [
            (0, "0"), (7, "7"), (999, "999"), (1000, "1 000"), (100_000, "100 000"), (1_234_567, "1 234 567"),
            (-12_345, "-12 345"), (Int.min, "-9 223 372 036 854 775 808"),
        ])
    func counts(value: Int, expected: String) { #expect(Figures.count(value) == expected) }

    @Test("One is singular", arguments: [(0, "0 keys"), (1, "1 key"), (2, "2 keys")])
    func nouns(value: Int, expected: String) { #expect(Figures.count(value, "key") == expected) }

    @Test(
        "A duration has two figures and the unit that fits",
        arguments: [
            (.zero, "0 ns"), (.nanoseconds(850), "850 ns"), (.nanoseconds(1234), "1.2 µs"),
            (.microseconds(83), "83 µs"), (.nanoseconds(999_600), "1 ms"), (.microseconds(1234), "1.2 ms"),
            (.microseconds(9960), "10 ms"), (.milliseconds(30), "30 ms"), (.milliseconds(2440), "2.4 s"),
            (.seconds(12), "12 s"), (.milliseconds(99_600), "1 min 40 s"), (.seconds(200), "3 min 20 s"),
            (.milliseconds(-5), "-5 ms"),
        ] as [(Duration, String)])
    func durations(value: Duration, expected: String) { #expect(Figures.duration(value) == expected) }

    @Test(
        "A share has one decimal",
        arguments: [(1, 3, "33.3 %"), (2, 3, "66.7 %"), (5, 5, "100.0 %"), (0, 0, "0.0 %")])
    func shares(part: Int, whole: Int, expected: String) {
        #expect(Figures.share(part, of: whole) == expected)
    }

    @Test(
        "A rate has three figures",
        arguments: [
            (0, 1, "0"), (412, 1, "412"), (41_249, 1, "41 200"), (999_900, 1, "1 000 000"),
            (123_456, 2, "61 700"),
            (5, 0, "0"),
        ])
    func rates(events: Int, seconds: Int, expected: String) {
        #expect(Figures.rate(events, in: .seconds(seconds)) == expected)
    }
}

import Testing

@testable import Caches

@Suite("Time to live")
struct TTLTests {
    @Test(
        "A time to live is given to the server in whole milliseconds",
        arguments: [
            (TTL.forever, nil),
            (.milliseconds(1), 1),
            (.milliseconds(1500), 1500),
            (.seconds(5), 5000),
            (.seconds(0.25), 250),
            (.seconds(1.1), 1100),
            (.seconds(0.29), 290),
            (.milliseconds(1.4), 1),
            (.milliseconds(1.6), 2),
            (.milliseconds(0.001), 1),
            (.minutes(1.5), 90_000),
            (.hours(2), 7_200_000),
            (.days(30), 2_592_000_000),
            (.milliseconds(9_007_199_254_740_992), 9_007_199_254_740_992),
            (TTL(.milliseconds(250)), 250),
            (TTL(.seconds(3600)), 3_600_000),
            (TTL(.nanoseconds(1)), 1),
        ] as [(TTL, Int64?)])
    func milliseconds(ttl: TTL, milliseconds: Int64?) throws {
        #expect(try ttl.milliseconds() == milliseconds)
    }

    @Test(
        "A time to live that no server can keep is refused when it is used",
        arguments: [
            TTL.seconds(0), .seconds(-1), .seconds(.nan), .seconds(.infinity),
            .days(.greatestFiniteMagnitude),
            .milliseconds(9_007_199_254_740_994), TTL(.zero), TTL(.seconds(-1)), TTL(.seconds(Int64.max)),
            .seconds(1, jitter: -0.1), .seconds(1, jitter: 1.1), .seconds(1, jitter: .nan),
            .seconds(1, jitter: .infinity),
        ])
    func invalid(ttl: TTL) {
        let error = #expect(throws: CachesError.self) { try ttl.milliseconds() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.advice != nil)
    }

    @Test(
        "Jitter takes up to its fraction off the time to live, and adds nothing",
        arguments: [
            (TTL.seconds(10, jitter: 0.1), 9000, 10_000),
            (.seconds(10, jitter: 0), 10_000, 10_000),
            (.seconds(10, jitter: 1), 1, 10_000),
            (.hours(2, jitter: 0.25), 5_400_000, 7_200_000),
            (.milliseconds(1, jitter: 1), 1, 1),
            (.milliseconds(10, jitter: 0.5), 5, 10),
            (TTL(.seconds(10), jitter: 0.1), 9000, 10_000),
        ] as [(TTL, Int64, Int64)])
    func jitter(ttl: TTL, shortest: Int64, longest: Int64) throws {
        var low = Constant(value: 1)
        #expect(try ttl.milliseconds(using: &low) == shortest)
        var high = Constant(value: .max)
        #expect(try ttl.milliseconds(using: &high) == longest)
    }

    @Test("Each write draws its own time to live, evenly over the range")
    func draws() throws {
        let ttl = TTL.milliseconds(1000, jitter: 0.5)
        let draws = try (0..<10_000).map { _ in try #require(try ttl.milliseconds()) }
        #expect(draws.allSatisfy { (500...1000).contains($0) })
        #expect(Set(draws).count > 490)
        // The mean of 10 000 even draws is off by more than 10 once in 10¹¹ runs.
        #expect((740...760).contains(draws.reduce(0, +) / 10_000))
    }
}

/// A generator that always draws the same. Not 0, which the standard library would draw again, for ever.
private struct Constant: RandomNumberGenerator {
    let value: UInt64
    mutating func next() -> UInt64 { value }
}

import Testing

@testable import Caches

@Suite("Texts of whole numbers")
struct DecimalTextTests {
    @Test("They are the library's texts, at each number of digits and around each power of ten")
    func digits() {
        var numbers = (-1_000...1_000).map(Int64.init) + [.min, .min + 1, .max - 1, .max]
        var power: Int64 = 1_000
        while true {
            for number in [power - 1, power, power + 1] { numbers += [number, -number] }
            let (next, overflow) = power.multipliedReportingOverflow(by: 10)
            guard !overflow else { break }
            power = next
        }
        var generator = SystemRandomNumberGenerator()
        for shift in 0..<64 { numbers.append(Int64(bitPattern: generator.next() >> UInt64(shift))) }
        for number in numbers { #expect(DecimalText.of(number) == number.description) }
    }

    @Test("Numbers that 64 bits don't hold with their sign are written, too")
    func wide() {
        #expect(DecimalText.of(UInt64.max) == "18446744073709551615")
        #expect(DecimalText.of(UInt64(1) << 63) == "9223372036854775808")
        #expect(DecimalText.of(Int128(Int64.min) - 1) == "-9223372036854775809")
        #expect(DecimalText.of(Int128(Int64.max)) == "9223372036854775807")
        #expect(DecimalText.of(UInt8.max) == "255")
    }
}

/// The text of a whole number, in decimal, as `description` gives it: for keys and values, which are made for
/// every call.
///
/// The library's takes over three hundred instructions, since it serves every radix and size. This one takes
/// two hundred for a number of up to fifteen digits, half of them for the `String`, which needs no memory
/// then.
@usableFromInline enum DecimalText {
    /// The digits of 0 to 99, two each.
    private static let pairs: StaticString = """
        00010203040506070809\
        10111213141516171819\
        20212223242526272829\
        30313233343536373839\
        40414243444546474849\
        50515253545556575859\
        60616263646566676869\
        70717273747576777879\
        80818283848586878889\
        90919293949596979899
        """

    /// The text of any whole number; fast for those that 64 bits hold with their sign.
    @inlinable
    static func of(_ number: some BinaryInteger) -> String {
        guard let number = Int64(exactly: number) else { return number.description }
        return of(number)
    }

    /// The text of a number.
    @usableFromInline
    static func of(_ number: Int64) -> String {
        // Room for the longest text, that of `Int64.min` with its 20 bytes. It is written from its end to its
        // front.
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        return withUnsafeMutableBytes(of: &digits) { digits in
            let end = digits.baseAddress! + digits.count
            var start = end
            var rest = number.magnitude
            while rest >= 100 {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
                start -= 2
                start.copyMemory(from: pairs.utf8Start + 2 * Int(truncatingIfNeeded: remainder), byteCount: 2)
                rest = quotient
            }
            if rest >= 10 {
                start -= 2
                start.copyMemory(from: pairs.utf8Start + 2 * Int(truncatingIfNeeded: rest), byteCount: 2)
            } else {
                start -= 1
                start.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest), as: UInt8.self)
            }
            if number < 0 {
                start -= 1
                start.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
            }
            let text = UnsafeRawBufferPointer(start: start, count: end - start)
            return String(ascii: text.bindMemory(to: UInt8.self))
        }
    }
}

extension String {
    /// The text of bytes that are known to be ASCII, which are not looked at again.
    @inline(__always)
    init(ascii bytes: UnsafeBufferPointer<UInt8>) {
        if #available(macOS 26, *) {
            self.init(copying: UTF8Span(unchecked: bytes.span, isKnownASCII: true))
        } else {
            self.init(decoding: bytes, as: UTF8.self)
        }
    }
}

// The parsing of plain values. Errors don't quote the value.

extension StandardCoder {
    /// A text of UTF-8.
    @usableFromInline
    func text(_ bytes: Bytes) throws(CachesError) -> String {
        // ASCII is decoded several times faster than the standard library validates.
        let text = bytes.withUnsafeBufferPointer { bytes in
            bytes.reduce(0, |) < 0x80 ? String(ascii: bytes) : nil
        }
        guard let text = text ?? String(validating: bytes, as: UTF8.self) else {
            throw CachesError(.decoding, "The bytes are not UTF-8.")
        }
        return text
    }

    /// A whole number in decimal.
    @inlinable
    func integer<Integer: FixedWidthInteger>(_ bytes: Bytes) throws(CachesError) -> Integer {
        guard let integer = Integer(shortText(bytes), radix: 10) else {
            throw CachesError(.decoding, "It is not a whole number from \(Integer.min) to \(Integer.max).")
        }
        return integer
    }

    /// A floating-point number in decimal.
    @inlinable
    func number<Number: LosslessStringConvertible>(_ bytes: Bytes) throws(CachesError) -> Number {
        guard let number = Number(shortText(bytes)) else {
            throw CachesError(.decoding, "It is not a number.")
        }
        return number
    }

    /// A truth value, in either of two spellings.
    @usableFromInline
    func bool(_ bytes: Bytes) throws(CachesError) -> Bool {
        switch shortText(bytes) {
        case "1", "true": return true
        case "0", "false": return false
        default: throw CachesError(.decoding, "It is none of 1, 0, true and false.")
        }
    }

    /// The text of a number or a truth value; empty where there are more bytes than any has, so that a large
    /// value is not copied for nothing.
    @usableFromInline
    func shortText(_ bytes: Bytes) -> String {
        bytes.count <= 1024 ? String(decoding: bytes, as: UTF8.self) : ""
    }
}

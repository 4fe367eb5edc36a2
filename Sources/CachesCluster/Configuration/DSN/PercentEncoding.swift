/// The escapes of RFC 3986, section 2.1: `%` and two hexadecimal digits stand for a byte.
///
/// A `+` stands for itself, here as in the RFC: only HTML forms make it a space.
enum PercentEncoding {
    /// Decodes some bytes of a DSN. `part` names them in a fault.
    static func decode(_ bytes: ArraySlice<UInt8>, of part: String) throws(ConfigurationFault) -> String {
        var decoded = [UInt8]()
        decoded.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            guard bytes[position] == UInt8(ascii: "%") else {
                decoded.append(bytes[position])
                position += 1
                continue
            }
            guard let byte = byte(of: bytes[position...].dropFirst().prefix(2)) else {
                throw ConfigurationFault(
                    "\(part) has a '%' that two hexadecimal digits don't follow.",
                    advice: "Write a '%' that stands for itself as %25.")
            }
            guard byte != 0 else { throw ConfigurationFault("\(part) has a zero byte, %00.") }
            decoded.append(byte)
            position += 3
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw ConfigurationFault(
                "\(part) has escapes that are not UTF-8.",
                advice: "Escape each byte of a character's UTF-8: 'ü' is %C3%BC.")
        }
        return text
    }

    /// A text with everything escaped but letters, digits, `-._~` and the characters in `allowed`.
    static func encode(_ text: String, allowing allowed: String = "") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded = [UInt8]()
        for byte in text.utf8 {
            if byte.isASCIILetterOrDigit || "-._~".utf8.contains(byte) || allowed.utf8.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func byte(of digits: ArraySlice<UInt8>) -> UInt8? {
        // UInt8(_:radix:) would also take a sign.
        guard digits.count == 2, digits.allSatisfy(\.isASCIILetterOrDigit) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

extension UInt8 {
    /// Whether this is `0` to `9` in ASCII.
    var isASCIIDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    /// Whether this is `0` to `9`, `a` to `z` or `A` to `Z` in ASCII.
    var isASCIILetterOrDigit: Bool {
        isASCIIDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20
    }
}

extension StringProtocol {
    /// Whether the text contains a space, a line break, a control character or an invisible one.
    var hasBlank: Bool { positionOfBlank != nil }

    /// The place, from 1, of the first space, line break, control character or invisible one.
    var positionOfBlank: Int? {
        let place = unicodeScalars.enumerated().first { _, scalar in
            scalar.properties.isWhitespace
                || [.control, .format].contains(scalar.properties.generalCategory)
        }
        return place.map { $0.offset + 1 }
    }

    /// The number, if the text is digits alone; nil for anything else and for a number that `Int` can't hold.
    var wholeNumber: Int? { !isEmpty && utf8.allSatisfy(\.isASCIIDigit) ? Int(self) : nil }
}

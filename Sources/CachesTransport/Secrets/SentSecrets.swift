/// Finds out whether a server's words hold a password that it was sent.
///
/// Servers and proxies quote their input: a command that they don't know with its words, a token that has
/// expired. An error is printed and logged, so a server's words with a password in them are left out of it.
/// The search covers every password sent by `AUTH` over any connection of the process, also before it was
/// rotated: a server may quote it in the answer to any later command.
///
/// A quotation may be cut, percent-encoded, or escaped as texts in quotes are. So the words are searched as
/// they are and without such encodings, in any case of letters, for any ``windowLength`` bytes in a row of a
/// password.
struct SentSecrets: Sendable {
    /// So many bytes of a longer password in a row are a quotation of it. Fewer would be in many texts that
    /// quote nothing.
    static let windowLength = 10

    /// Shorter ones are in any text: they are looked for in the answer to the `AUTH` that sent them, and
    /// nowhere else.
    static let shortest = 4

    /// So many are remembered, the latest: passwords of some pools, and a token with the one before it.
    static let mostKept = 32

    /// The number of bytes that are looked for of longer ones, such as tokens with claims in them.
    static let mostBytes = 4096

    /// The search pattern of one secret: hashes of so many bytes each, so that a long one costs a text no
    /// more than a short one.
    private struct Needle: Hashable, Sendable {
        let length: Int
        let windows: Set<UInt64>

        init(_ secret: String) {
            let bytes = SentSecrets.folded(Array(secret.utf8.prefix(SentSecrets.mostBytes)))
            length = min(bytes.count, SentSecrets.windowLength)
            windows = SentSecrets.windows(of: bytes, length)
        }

        func isQuoted(in texts: [[UInt8]]) -> Bool {
            guard length > 0 else { return false }
            return texts.contains { !windows.isDisjoint(with: SentSecrets.windows(of: $0, length)) }
        }
    }

    /// The latest last.
    private var kept: [Needle] = []

    init() {}

    /// Those of this process.
    static let shared = Locked(SentSecrets())

    /// A password is about to be sent.
    mutating func note(_ secret: String) {
        guard secret.utf8.count >= Self.shortest else { return }
        let needle = Needle(secret)
        guard kept.last != needle else { return }
        kept.removeAll { $0 == needle }
        if kept.count == Self.mostKept { kept.removeFirst() }
        kept.append(needle)
    }

    /// Whether a text quotes one of them.
    func areQuoted(in text: String) -> Bool {
        guard !kept.isEmpty else { return false }
        let texts = Self.readings(of: text)
        return kept.contains { $0.isQuoted(in: texts) }
    }

    /// Whether a text quotes a secret.
    static func isQuoted(_ secret: Secret, in text: String) -> Bool {
        secret.reveal { Needle($0).isQuoted(in: readings(of: text)) }
    }

    private static func readings(of text: String) -> [[UInt8]] {
        let said = Array(text.utf8)
        return [folded(said), folded(decoded(said))]
    }

    /// Hashes (FNV-1a) of every so many bytes in a row. Two that differ are taken for the same once in 2⁶⁴:
    /// then a text is left out needlessly.
    private static func windows(of bytes: [UInt8], _ length: Int) -> Set<UInt64> {
        guard length > 0, bytes.count >= length else { return [] }
        return Set(
            (0...bytes.count - length).map { start in
                bytes[start..<start + length].reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
                    ($0 ^ UInt64($1)) &* 0x0100_0000_01B3
                }
            })
    }

    /// Without the difference of lower and upper case of ASCII.
    private static func folded(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
    }

    /// The text with `%41`, `\x41`, `\u0041` and `\"` replaced by their meaning.
    private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"): decoded.append(takeHexadecimal(2, &rest) ?? byte)
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else { break }
                switch next {
                case UInt8(ascii: "x"): decoded.append(takeHexadecimal(2, &rest) ?? next)
                case UInt8(ascii: "u"): decoded.append(takeHexadecimal(4, &rest) ?? next)
                default: decoded.append(next)
                }
            default: decoded.append(byte)
            }
        }
        return decoded
    }

    private static func takeHexadecimal(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> UInt8? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), value <= 0xFF
        else { return nil }
        rest = rest.dropFirst(count)
        return UInt8(value)
    }
}

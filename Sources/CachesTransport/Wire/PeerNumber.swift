/// The valid range of a number that a server sends.
///
/// A server can send any 64 bits. A sum, a product, a subscript or a time made from them must not end the
/// process, so each number is read by one of these, where it comes in, and later code relies on its range:
/// counts of a thousand servers have a sum, a port fits 16 bits, a time has an end.
package struct PeerNumber: Hashable, Sendable {
    /// Its name in errors: `a count`.
    package let name: String

    /// The least and the most that it can be.
    package let range: ClosedRange<Int64>

    package init(_ name: String, _ range: ClosedRange<Int64>) {
        self.name = name
        self.range = range
    }

    /// How many there are of something: keys, bytes, elements. 2⁴⁸, since no server has as many bytes, and
    /// the sum of 32 767 such is a number still.
    package static let count = PeerNumber("a count", 0...1 << 48)

    /// How many of some were done, where no more than these could be.
    package static func count(atMost most: Int) -> PeerNumber {
        PeerNumber("a count of at most \(max(0, most))", 0...Int64(max(0, most)))
    }

    /// A time in milliseconds. 2⁵³, as far as Lua and JSON count: 285 000 years.
    package static let milliseconds = PeerNumber("a number of milliseconds", 0...1 << 53)

    /// A time in seconds. 2⁴⁰, so that it has a number of microseconds: 34 000 years.
    package static let seconds = PeerNumber("a number of seconds", 0...1 << 40)

    /// The microseconds in a second.
    package static let microseconds = PeerNumber("a number of microseconds", 0...999_999)

    /// A TCP port that can be connected to.
    package static let port = PeerNumber("a port", 1...65_535)

    /// A slot of a cluster.
    package static let slot = PeerNumber("a slot", 0...16_383)

    /// How often a key is used, on the server's logarithmic scale.
    package static let frequency = PeerNumber("a number from 0 to 255", 0...255)

    /// A version of the Sentinels' agreement: it is only compared.
    package static let epoch = PeerNumber("an epoch", 0...Int64.max)

    /// The number, if it can be one of these.
    package func checked(_ number: Int64) -> Int? { range.contains(number) ? Int(number) : nil }

    /// The nearest number that can be one of these.
    package func clamped(_ number: Int64) -> Int { Int(min(max(number, range.lowerBound), range.upperBound)) }
}

extension Reply {
    /// The number, sent as a number or as text; nil if it is malformed or out of range.
    package func number(_ kind: PeerNumber) -> Int? { integer.map(kind.checked) ?? text?.number(kind) }
}

extension StringProtocol {
    /// The number in decimal; nil if the text is malformed or out of range.
    package func number(_ kind: PeerNumber) -> Int? {
        // Int64(_:) alone would take a plus.
        guard let first = utf8.first, first != UInt8(ascii: "+") else { return nil }
        return Int64(self).flatMap(kind.checked)
    }
}

/// A server's clock, as it answers `TIME` (https://redis.io/docs/latest/commands/time/).
package struct ServerTime: Hashable, Sendable {
    /// Microseconds since 1970: 0 or more, before the year 36 812.
    package let microseconds: Int64

    /// Milliseconds since 1970.
    package var milliseconds: Int64 { microseconds / 1000 }

    /// nil if the reply is not a valid time.
    package init?(_ reply: Reply) {
        guard let parts = reply.array.map(Array.init), parts.count == 2,
            let seconds = parts[0].number(.seconds), let rest = parts[1].number(.microseconds)
        else { return nil }
        microseconds = Int64(seconds) * 1_000_000 + Int64(rest)
    }
}

extension Reply {
    /// A description of the reply for an error: its type, and the value of a number. Never a string, which
    /// may be secret.
    package var kind: String {
        switch self {
        case .null: "null"
        case .integer(let number): "the number \(number)"
        case .status: "a status"
        case .string(let bytes): "a text of \(bytes.count) bytes"
        case .error(let error): "the error \(error.shownName)"
        case .array(let array): "a list of \(array.count)"
        }
    }
}

/// Joins a prefix and parts in memory that it is lent, as far as they fit, and counts what they need.
///
/// A key is made for every call, and most are shorter than a hundred bytes: joined on the stack, a key costs
/// half the instructions of appending to a `String` part by part.
@usableFromInline struct KeyJoiner {
    /// Where the key is joined. The lender keeps it alive for as long as there is a joiner.
    private let memory: UnsafeMutableBufferPointer<UInt8>

    private let style: KeyStyle

    /// Whether a separator is due. Not the same as "not empty": after an empty part one is due, too.
    private var separated = false

    /// The bytes of the key so far. Where they exceed the memory, nothing more is written.
    private(set) var bytes = 0

    init(in memory: UnsafeMutableBufferPointer<UInt8>, prefix: String, style: KeyStyle) {
        self.memory = memory
        self.style = style
        if !prefix.isEmpty { append(prefix, escaped: false) }
    }

    /// What has been joined; nil if the memory is too small for it.
    var joined: UnsafeRawBufferPointer? {
        guard bytes <= memory.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<bytes])
    }

    /// Appends one part, as the style asks.
    @usableFromInline mutating func append(_ part: String) {
        switch style {
        case .escaped: append(part, escaped: true)
        case .plain: if !part.isEmpty { append(part, escaped: false) }
        }
    }

    private mutating func append(_ part: String, escaped: Bool) {
        // Not withUTF8, which needs a mutable copy: only a text that isn't stored as UTF-8 is copied, such as a
        // bridged NSString on Apple's systems.
        if part.utf8.withContiguousStorageIfAvailable({ append($0, escaped: escaped) }) == nil {
            Array(part.utf8).withUnsafeBufferPointer { append($0, escaped: escaped) }
        }
    }

    private mutating func append(_ part: UnsafeBufferPointer<UInt8>, escaped: Bool) {
        let specials = escaped && part.count < CacheKey.limit ? KeyJoiner.specials(in: part) : 0
        var next = bytes + (separated ? 1 : 0)
        bytes = next + part.count + 2 * specials
        // The whole part has been counted, so that no write below can pass the end.
        guard bytes <= memory.count else { return }
        if separated { memory[next - 1] = UInt8(ascii: ".") }
        separated = true
        guard specials > 0 else {
            _ = memory[next...].update(fromContentsOf: part)
            return
        }
        for byte in part {
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "%"):
                memory[next] = UInt8(ascii: "%")
                memory[next + 1] = UInt8(ascii: "2")
                memory[next + 2] = byte == UInt8(ascii: ".") ? UInt8(ascii: "E") : UInt8(ascii: "5")
                next += 3
            default:
                memory[next] = byte
                next += 1
            }
        }
    }

    /// How many bytes of a part have to be escaped.
    private static func specials(in part: UnsafeBufferPointer<UInt8>) -> Int {
        var (count, position) = (0, 0)
        while position < part.count {
            if position <= part.count - 8, !hasSpecial(part, position) {
                position += 8
            } else {
                let byte = part[position]
                if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "%") { count += 1 }
                position += 1
            }
        }
        return count
    }

    /// Whether one of eight bytes has to be escaped.
    ///
    /// A byte that is zero borrows in a subtraction of one, and had no upper bit of its own; only a byte above one that
    /// is zero can seem to.
    @inline(__always)
    private static func hasSpecial(_ part: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        let word = UnsafeRawBufferPointer(part).loadUnaligned(fromByteOffset: position, as: UInt64.self)
        let (ones, tops) = (UInt64(0x0101_0101_0101_0101), UInt64(0x8080_8080_8080_8080))
        let (dots, percents) = (word ^ (ones &* 0x2E), word ^ (ones &* 0x25))
        return ((dots &- ones) & ~dots | (percents &- ones) & ~percents) & tops != 0
    }
}

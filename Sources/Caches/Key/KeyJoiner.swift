import CachesCluster
import CachesTransport

/// Joins a prefix and parts to a key, and counts the bytes it needs.
///
/// A key is made for every call, and most have fewer than 48 bytes: they are joined where they will lie, in
/// the value that names them.
@usableFromInline struct KeyJoiner {
    @usableFromInline let style: KeyStyle

    /// Whether a separator is due. Not the same as "not empty": after an empty part one is due, too.
    @usableFromInline var isSeparated = false

    /// The key so far; nothing once it is too large for any server.
    @usableFromInline var key = KeyBytes.empty

    /// How many bytes it has, or would have.
    @usableFromInline var size = 0

    @inlinable init(prefix: String, style: KeyStyle) {
        self.style = style
        if prefix.isEmpty { size = Self.unprefixed } else { append(prefix, isEscaped: false) }
    }

    /// The size before the first part of a key without a prefix: that part is looked at, since it may be what
    /// a user of the program chose. No key has that size, so that keys with a prefix pay nothing for it.
    @inlinable static var unprefixed: Int { 1 << 62 }

    /// The size of a key that is this library's own: it is invalid, whatever follows.
    static let reserved = Int.min / 2

    /// The key of the parts joined so far and one more, for many keys that begin alike.
    @inlinable func key(endingWith part: String) -> CacheKey {
        var joiner = self
        joiner.append(part)
        return CacheKey(joiner)
    }

    /// Appends one part, as the style asks.
    @inlinable mutating func append(_ part: String) {
        switch style {
        case .escaped: append(part, isEscaped: true)
        case .plain: if !part.isEmpty { append(part, isEscaped: false) }
        }
    }

    @inlinable @inline(__always)
    mutating func append(_ part: String, isEscaped: Bool) {
        // Not withUTF8, which needs a mutable copy: only a text that isn't stored as UTF-8 is copied, such as
        // a bridged NSString on Apple's systems.
        let isDone: Void? = part.utf8.withContiguousStorageIfAvailable {
            append(UnsafeRawBufferPointer($0), isEscaped: isEscaped)
        }
        if isDone == nil { Array(part.utf8).withUnsafeBytes { append($0, isEscaped: isEscaped) } }
    }

    @inlinable @inline(__always)
    mutating func append(_ part: UnsafeRawBufferPointer, isEscaped: Bool) {
        guard !isEscaped || !KeyJoiner.hasSpecials(part) else { return appendEscaping(part) }
        appendWhole(part)
    }

    /// Appends a part that is written as it is.
    @inlinable @inline(__always)
    mutating func appendWhole(_ part: UnsafeRawBufferPointer) {
        size += part.count + (isSeparated ? 1 : 0)
        if size < CacheKey.limit {
            key.append(part, after: isSeparated ? UInt8(ascii: ".") : nil)
        } else {
            appendUnusual(part)
        }
        isSeparated = true
    }

    /// Appends the first part of a key without a prefix, or one that makes a key too large.
    @usableFromInline @inline(never)
    mutating func appendUnusual(_ part: UnsafeRawBufferPointer) {
        let isFirst = size >= Self.unprefixed
        if isFirst { size -= Self.unprefixed }
        guard size < CacheKey.limit else {
            key = .empty
            return
        }
        guard !ReservedKeys.contains(part) else {
            size = Self.reserved
            return
        }
        key.append(part, after: nil)
    }

    @usableFromInline @inline(never)
    mutating func appendEscaping(_ part: UnsafeRawBufferPointer) {
        guard part.count < CacheKey.limit else { return appendWhole(part) }
        var escaped: [UInt8] = []
        for byte in part {
            switch byte {
            case UInt8(ascii: "."): escaped += "%2E".utf8
            case UInt8(ascii: "%"): escaped += "%25".utf8
            default: escaped.append(byte)
            }
        }
        escaped.withUnsafeBytes { appendWhole($0) }
    }

    /// Whether a part has bytes that have to be escaped.
    @inlinable @inline(__always)
    static func hasSpecials(_ part: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position + 8 <= part.count {
            let word = part.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let dots = ByteSearch.marks(of: UInt8(ascii: "."), in: word)
            if dots | ByteSearch.marks(of: UInt8(ascii: "%"), in: word) != 0 { return true }
            position += 8
        }
        while position < part.count {
            if part[position] == UInt8(ascii: ".") || part[position] == UInt8(ascii: "%") { return true }
            position += 1
        }
        return false
    }
}

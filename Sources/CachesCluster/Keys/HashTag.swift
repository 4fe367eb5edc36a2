internal import CachesTransport

/// The part of a key that decides where the key lives.
///
/// Keys that share a tag share a node, so that they can be read and written together: `{user.42}.name` and
/// `{user.42}.mail` are placed by `user.42`. The tag is the text between the first `{` and the first `}`
/// after it, if that is at least one byte; any other key is placed by the whole key. This is the rule of
/// Redis Cluster (its specification, "Hash tags"), and it holds for every placement but that of redis-rb.
enum HashTag {
    /// The positions of the bytes to hash.
    static func range(in key: Span<UInt8>) -> Range<Int> { tag(in: key) ?? 0..<key.count }

    /// The positions of the tag's bytes, nil if there is none.
    @inline(__always)
    private static func tag(in key: Span<UInt8>) -> Range<Int>? {
        guard let open = position(of: UInt8(ascii: "{"), in: key, from: 0),
            let close = position(of: UInt8(ascii: "}"), in: key, from: open + 1),
            close > open + 1
        else { return nil }
        return open + 1..<close
    }

    /// The text between the braces of a key, if that decides where the key lives; nil if the whole key does.
    static func tag(of key: String) -> String? {
        let bytes = Array(key.utf8)
        let range = range(in: bytes.span)
        return range.count == bytes.count ? nil : String(decoding: bytes[range], as: UTF8.self)
    }

    /// xxHash64 of the part of a key that decides where it lives.
    static func hash(of key: String) -> UInt64 { key.withUTF8Span { hash(of: $0) } }

    /// xxHash64 of the part of a key that decides where it lives.
    static func hash(of key: Span<UInt8>) -> UInt64 {
        // Most keys have no tag, and are hashed without being cut.
        guard let tag = tag(in: key) else { return XXHash64.hash(of: key) }
        return XXHash64.hash(of: key.extracting(tag))
    }

    /// The position of the first `byte` at or after `start`. Searches eight bytes at a time, since every
    /// look-up of every key does this.
    @inline(__always)
    private static func position(of byte: UInt8, in key: Span<UInt8>, from start: Int) -> Int? {
        // Unsafe only for elements with padding; a byte has none.
        let raw = unsafe key.bytes
        var position = start
        while position <= key.count - 8 {
            // Unsafe only because the caller chooses the type: every bit pattern is an integer.
            let word = UInt64(
                littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let found = ByteSearch.marks(of: byte, in: word)
            if found != 0 { return position + found.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < key.count {
            if key[position] == byte { return position }
            position += 1
        }
        return nil
    }
}

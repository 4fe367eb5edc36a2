/// The part of a key that decides where the key lives.
///
/// Keys that share a tag share a node, so that they can be read and written together: `{user.42}.name` and
/// `{user.42}.mail` are placed by `user.42`. The tag is what stands between the first `{` and the first `}`
/// after it, if that is at least one byte; every other key is placed by the whole of it. That is the rule of
/// Redis Cluster (its specification, "Hash tags"), and it holds for every placement here.
enum HashTag {
    /// The positions of the bytes to hash.
    static func range(in key: Span<UInt8>) -> Range<Int> {
        let whole = 0..<key.count
        guard let open = position(of: UInt8(ascii: "{"), in: key, from: 0),
            let close = position(of: UInt8(ascii: "}"), in: key, from: open + 1),
            close > open + 1
        else { return whole }
        return open + 1..<close
    }

    /// The text between the braces of a key, if that decides where it lives; nil if the whole key does.
    static func tag(of key: String) -> String? {
        let bytes = Array(key.utf8)
        let range = range(in: bytes.span)
        return range.count == bytes.count ? nil : String(decoding: bytes[range], as: UTF8.self)
    }

    /// xxHash64 of the part of a key that decides where it lives.
    static func hash(of key: String) -> UInt64 {
        // Not withUTF8, which needs a mutable copy: its retain and release cost more than the hash does.
        unsafe key.utf8.withContiguousStorageIfAvailable { unsafe hash(of: $0.span) }
            ?? hash(of: Array(key.utf8).span)
    }

    /// xxHash64 of the part of a key that decides where it lives.
    static func hash(of key: Span<UInt8>) -> UInt64 {
        XXHash64.hash(of: key.extracting(range(in: key)))
    }

    @inline(__always)
    private static func position(of byte: UInt8, in key: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while position < key.count {
            if key[position] == byte { return position }
            position += 1
        }
        return nil
    }
}

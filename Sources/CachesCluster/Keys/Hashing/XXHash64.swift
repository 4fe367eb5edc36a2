/// xxHash64 with seed 0: the hash that places keys and node identities.
///
/// It is fast on short texts, passes SMHasher, and exists in every language that may have to agree on where a
/// key lives. Source: Yann Collet, "xxHash fast digest algorithm", doc/xxhash_spec.md.
enum XXHash64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The hash of a text's UTF-8.
    static func hash(of text: String) -> UInt64 { text.withUTF8Span { hash(of: $0) } }

    /// The hash of some bytes.
    @inline(__always)
    static func hash(of bytes: Span<UInt8>) -> UInt64 {
        let count = bytes.count
        // Unsafe only for elements with padding; a byte has none.
        let raw = unsafe bytes.bytes
        var offset = count & ~31
        var hash = (offset == 0 ? prime5 : hashOfStripes(raw)) &+ UInt64(count)

        while offset <= count - 8 {
            hash ^= round(0, word64(raw, offset))
            hash = rotated(hash, 27) &* prime1 &+ prime4
            offset &+= 8
        }
        if offset <= count - 4 {
            hash ^= UInt64(word32(raw, offset)) &* prime1
            hash = rotated(hash, 23) &* prime2 &+ prime3
            offset &+= 4
        }
        while offset < count {
            hash ^= UInt64(bytes[offset]) &* prime5
            hash = rotated(hash, 11) &* prime1
            offset += 1
        }

        hash = (hash ^ hash >> 33) &* prime2
        hash = (hash ^ hash >> 29) &* prime3
        return hash ^ hash >> 32
    }

    /// The hash of all whole stripes of 32 bytes, at least one.
    // By itself, so that the hash of a short text, which most keys are, needs few registers.
    @inline(never)
    private static func hashOfStripes(_ raw: RawSpan) -> UInt64 {
        var lanes = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
        var offset = 0
        while offset <= raw.byteCount - 32 {
            lanes.0 = round(lanes.0, word64(raw, offset))
            lanes.1 = round(lanes.1, word64(raw, offset + 8))
            lanes.2 = round(lanes.2, word64(raw, offset + 16))
            lanes.3 = round(lanes.3, word64(raw, offset + 24))
            offset += 32
        }
        var hash = rotated(lanes.0, 1) &+ rotated(lanes.1, 7) &+ rotated(lanes.2, 12) &+ rotated(lanes.3, 18)
        hash = merge(hash, lanes.0)
        hash = merge(hash, lanes.1)
        hash = merge(hash, lanes.2)
        return merge(hash, lanes.3)
    }

    @inline(__always)
    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotated(lane &+ input &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* prime1 &+ prime4
    }

    // Unsafe only because the caller chooses the type: every bit pattern is an integer, and the span checks
    // the bounds.
    @inline(__always)
    private static func word64(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func word32(_ bytes: RawSpan, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

/// MurmurHash64A with the seed of `jedis`.
///
/// Our own, since no library at hand has it. Source: Austin Appleby, MurmurHash2, the 64-bit version for
/// 64-bit machines; it reads its input as little-endian.
enum Murmur2 {
    private static let seed: UInt64 = 0x1234_ABCD
    private static let multiplier: UInt64 = 0xc6a4_a793_5bd1_e995

    /// The hash of some bytes.
    static func hash(of bytes: Span<UInt8>) -> UInt64 {
        let count = bytes.count
        // Unsafe only for elements with padding; a byte has none.
        let raw = unsafe bytes.bytes
        var hash = seed ^ UInt64(count) &* multiplier
        var offset = 0
        while offset <= count - 8 {
            // Unsafe only because the caller chooses the type: every bit pattern is an integer.
            var word = UInt64(
                littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            word &*= multiplier
            word ^= word >> 47
            word &*= multiplier
            hash = (hash ^ word) &* multiplier
            offset += 8
        }
        if offset < count {
            for position in (offset..<count).reversed() {
                hash ^= UInt64(bytes[position]) << (UInt64(position - offset) * 8)
            }
            hash &*= multiplier
        }
        hash = (hash ^ hash >> 47) &* multiplier
        return hash ^ hash >> 47
    }
}

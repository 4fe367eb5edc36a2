/// MD5, as the rings of other clients use it: to scatter names and keys, not for security.
///
/// Our own rather than OpenSSL's, which the connections use for TLS: its current interface allocates on every
/// call, is refused where a FIPS policy forbids MD5, and would make the placement of keys depend on both.
/// Source: RFC 1321.
enum MD5 {
    /// The sixteen bytes of a digest as four little-endian numbers.
    typealias Digest = (UInt32, UInt32, UInt32, UInt32)

    /// The hash of some bytes.
    static func hash(of bytes: Span<UInt8>) -> Digest {
        let count = bytes.count
        // Unsafe only for elements with padding; a byte has none.
        let raw = unsafe bytes.bytes
        var digest: Digest = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
        var offset = 0
        while offset <= count - 64 {
            add(block(raw, from: offset, words: 16), to: &digest)
            offset += 64
        }

        // The rest, a one bit, zeros, and the number of bits in the last eight bytes of a block.
        var last = block(raw, from: offset, words: (count - offset) / 4)
        for position in (count & ~3)..<count { last.insert(bytes[position], at: position - offset) }
        last.insert(0x80, at: count - offset)
        if count - offset >= 56 {
            add(last, to: &digest)
            last = Block()
        }
        let bits = UInt64(count) &* 8
        last[14] = UInt32(truncatingIfNeeded: bits)
        last[15] = UInt32(truncatingIfNeeded: bits >> 32)
        add(last, to: &digest)
        return digest
    }

    /// The hash of a text's UTF-8.
    static func hash(of text: String) -> Digest { text.withUTF8Span { hash(of: $0) } }

    private typealias Block = SIMD16<UInt32>

    /// The words from an offset, padded with zeros.
    @inline(__always)
    private static func block(_ raw: RawSpan, from offset: Int, words: Int) -> Block {
        var block = Block()
        for word in 0..<words {
            // Unsafe only because the caller chooses the type: every bit pattern is an integer.
            block[word] = UInt32(
                littleEndian: unsafe raw.unsafeLoadUnaligned(
                    fromByteOffset: offset + 4 * word, as: UInt32.self))
        }
        return block
    }

    /// Section 3.4: four rounds of sixteen steps.
    private static func add(_ block: Block, to digest: inout Digest) {
        var state = digest
        round(&state, block, 0, (7, 12, 17, 22), word: { $0 }, mix: { ($0 & $1) | (~$0 & $2) })
        round(&state, block, 1, (5, 9, 14, 20), word: { 5 &* $0 &+ 1 }, mix: { ($0 & $2) | ($1 & ~$2) })
        round(&state, block, 2, (4, 11, 16, 23), word: { 3 &* $0 &+ 5 }, mix: { $0 ^ $1 ^ $2 })
        round(&state, block, 3, (6, 10, 15, 21), word: { 7 &* $0 }, mix: { $1 ^ ($0 | ~$2) })
        digest = (digest.0 &+ state.0, digest.1 &+ state.1, digest.2 &+ state.2, digest.3 &+ state.3)
    }

    @inline(__always)
    private static func round(
        _ state: inout Digest, _ block: Block, _ number: Int, _ turns: (Int, Int, Int, Int),
        word: (_ step: Int) -> Int, mix: (UInt32, UInt32, UInt32) -> UInt32
    ) {
        let sines = sines
        func input(_ step: Int) -> UInt32 { block[word(step) & 15] &+ sines[step] }
        var (a, b, c, d) = state
        for step in stride(from: 16 * number, to: 16 * number + 16, by: 4) {
            a = b &+ rotated(a &+ mix(b, c, d) &+ input(step), turns.0)
            d = a &+ rotated(d &+ mix(a, b, c) &+ input(step + 1), turns.1)
            c = d &+ rotated(c &+ mix(d, a, b) &+ input(step + 2), turns.2)
            b = c &+ rotated(b &+ mix(c, d, a) &+ input(step + 3), turns.3)
        }
        state = (a, b, c, d)
    }

    @inline(__always)
    private static func rotated(_ value: UInt32, _ bits: Int) -> UInt32 {
        value << UInt32(bits) | value >> UInt32(32 - bits)
    }

    /// The integer part of 2³² · |sin i| for i = 1 … 64, i in radians.
    private static let sines: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee,
        0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be,
        0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa,
        0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
        0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c,
        0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05,
        0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039,
        0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1,
        0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]
}

extension SIMD16<UInt32> {
    /// Sets one of the sixty-four bytes, which must be zero.
    fileprivate mutating func insert(_ byte: UInt8, at position: Int) {
        self[position / 4] |= UInt32(byte) << (UInt32(position % 4) * 8)
    }
}

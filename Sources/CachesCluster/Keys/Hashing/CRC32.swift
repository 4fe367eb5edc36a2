/// CRC-32 of zlib, PNG and Ethernet: the hash of keys in `redis-rb`.
///
/// Our own, since zlib would be a dependency for these few lines. Source: ISO 3309; RFC 1952, section 8.
enum CRC32 {
    /// The hash of some bytes.
    static func hash(of bytes: Span<UInt8>) -> UInt32 {
        let table = table
        var crc = ~UInt32(0)
        for index in 0..<bytes.count {
            crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])] ^ crc >> 8
        }
        return ~crc
    }

    /// The remainder of each byte: the polynomial 0x04C11DB7 with its bits in reverse.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
}

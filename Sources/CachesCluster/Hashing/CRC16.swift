/// CRC-16/XMODEM: what Redis Cluster divides keys into slots by.
///
/// Our own, since no library at hand has it. Source: the Redis Cluster specification, appendix A.
enum CRC16 {
    /// The hash of some bytes.
    static func hash(of bytes: Span<UInt8>) -> UInt16 {
        let table = table
        var crc: UInt16 = 0
        for index in 0..<bytes.count {
            crc = table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ bytes[index])] ^ crc << 8
        }
        return crc
    }

    /// What eight bits of the register come to: the polynomial 0x1021.
    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { crc, _ in crc << 1 ^ (crc & 0x8000 == 0 ? 0 : 0x1021) }
    }
}

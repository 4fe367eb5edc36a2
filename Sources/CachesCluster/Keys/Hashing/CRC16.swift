/// CRC-16/XMODEM: the hash by which Redis Cluster assigns keys to slots.
///
/// Our own, since no library at hand has it. Source: the Redis Cluster specification, appendix A.
enum CRC16 {
    /// The hash of some bytes.
    ///
    /// Takes four bytes in a step, each with a table of its own, since every call on a cluster hashes its
    /// key: M. E. Kounavis and F. L. Berry, "A Systematic Approach to Building High Performance,
    /// Software-based, CRC Generators", 2005.
    static func hash(of bytes: Span<UInt8>) -> UInt16 {
        let tables = tables
        let entries = tables.span
        var crc: UInt16 = 0
        var index = 0
        // Unchecked: four bytes are left, and a table has an entry for each value of a byte.
        while index + 4 <= bytes.count {
            let first = unsafe UInt8(truncatingIfNeeded: crc >> 8) ^ bytes[unchecked: index]
            let second = unsafe UInt8(truncatingIfNeeded: crc) ^ bytes[unchecked: index + 1]
            let (third, fourth) = unsafe (bytes[unchecked: index + 2], bytes[unchecked: index + 3])
            crc = unsafe entries[unchecked: 3 << 8 | Int(first)] ^ entries[unchecked: 2 << 8 | Int(second)]
            unsafe crc ^= entries[unchecked: 1 << 8 | Int(third)] ^ entries[unchecked: Int(fourth)]
            index += 4
        }
        while index < bytes.count {
            crc = entries[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ bytes[index])] ^ crc << 8
            index += 1
        }
        return crc
    }

    /// The remainder of each byte, then its remainder if one, two and three zeros follow it.
    private static let tables: [UInt16] = (0...3).flatMap { zeros in
        (0..<256).map { byte in shifted(UInt16(byte) << 8, by: 8 * (1 + zeros)) }
    }

    /// The register after shifting in that many zero bits. The polynomial is 0x1021.
    private static func shifted(_ register: UInt16, by bits: Int) -> UInt16 {
        (0..<bits).reduce(register) { crc, _ in crc << 1 ^ (crc & 0x8000 == 0 ? 0 : 0x1021) }
    }
}

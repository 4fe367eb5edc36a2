/// The hash that `twemproxy` calls `fnv1a_64`: FNV-1a on the lower 32 bits of the 64-bit constants.
///
/// Our own, since only twemproxy has this one. It differs from both real FNV-1a: the true 32-bit hash has
/// another prime, and the true 64-bit hash another state.
enum FNV1a {
    private static let offset: UInt32 = 0x8422_2325
    private static let prime: UInt32 = 0x1b3

    /// The hash of some bytes.
    static func hash(of bytes: Span<UInt8>) -> UInt32 {
        var hash = offset
        for index in 0..<bytes.count {
            // C's `char` is signed on x86, where twemproxy is at home: the upper bits of 0x80 and above are
            // all set.
            let value = Int32(Int8(bitPattern: bytes[index]))
            hash = (hash ^ UInt32(bitPattern: value)) &* prime
        }
        return hash
    }
}

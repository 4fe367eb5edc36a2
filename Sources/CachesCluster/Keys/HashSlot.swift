internal import CachesTransport

/// The part of a Redis Cluster that a key belongs to.
///
/// Which server holds a slot is for the cluster to say; which slot holds a key is the same everywhere: CRC-16
/// of its hash tag, or of the whole key without one, modulo 16 384 (Redis Cluster specification, "Key
/// distribution model").
enum HashSlot {
    /// How many there are.
    static let count = 16_384

    /// The slot of a key.
    static func slot(of key: String) -> Int { key.withUTF8Span { slot(of: $0) } }

    /// The slot of a key.
    static func slot(of key: KeyBytes) -> Int { key.withSpan { slot(of: $0) } }

    /// The slot of a key.
    static func slot(of key: Span<UInt8>) -> Int {
        Int(CRC16.hash(of: key.extracting(HashTag.range(in: key)))) % count
    }
}

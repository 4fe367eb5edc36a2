internal import CachesTransport

/// The part of a Redis Cluster that a key belongs to.
///
/// The cluster decides which server holds a slot; which slot holds a key is the same everywhere: CRC-16 of
/// its hash tag, or of the whole key without one, modulo 16 384 (Redis Cluster specification, "Key
/// distribution model").
enum HashSlot {
    /// The number of slots.
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

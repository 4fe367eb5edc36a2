import CachesTransport

/// The keys that this library keeps on servers for itself: notes of outages and markers of hand-overs.
///
/// They all end by themselves, and what lists or clears keys passes them over. No cache can have such a key:
/// see `CacheKey`.
package enum ReservedKeys {
    /// What they begin with.
    package static let prefix = "caches:"

    /// Whether a key is one of them. Every write of a cache asks: it takes two comparisons.
    package static func contains(_ key: UnsafeRawBufferPointer) -> Bool {
        // `caches:` as two words that overlap by a byte.
        guard key.count >= 7 else { return false }
        return unsafe key.loadUnaligned(as: UInt32.self) == UInt32(bigEndian: 0x6361_6368)
            && key.loadUnaligned(fromByteOffset: 3, as: UInt32.self) == UInt32(bigEndian: 0x6865_733A)
    }

    /// Whether a key is one of them.
    static func contains(_ key: Bytes) -> Bool { key.starts(with: prefix.utf8) }
}

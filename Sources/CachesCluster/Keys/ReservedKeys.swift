import CachesTransport

/// The keys that this library keeps on servers for itself: records of outages and markers of hand-overs.
///
/// They all expire by themselves, and calls that list or clear keys skip them. No cache can have such a key:
/// see `CacheKey`.
package enum ReservedKeys {
    /// The prefix of all reserved keys.
    package static let prefix = "caches:"

    /// Whether a key is reserved. Every write of a cache asks: it takes two comparisons.
    package static func contains(_ key: UnsafeRawBufferPointer) -> Bool {
        // `caches:` as two words that overlap by a byte.
        guard key.count >= 7 else { return false }
        return unsafe key.loadUnaligned(as: UInt32.self) == UInt32(bigEndian: 0x6361_6368)
            && key.loadUnaligned(fromByteOffset: 3, as: UInt32.self) == UInt32(bigEndian: 0x6865_733A)
    }

    /// Whether a key is reserved.
    static func contains(_ key: Bytes) -> Bool { key.starts(with: prefix.utf8) }
}

import CachesTransport

/// The keys that this library keeps on servers for itself: markers of a hand-over.
///
/// They all end by themselves, and what lists or clears keys passes them over: give no cache a prefix that begins
/// like them.
package enum ReservedKeys {
    /// What they begin with.
    package static let prefix = "caches:"

    /// Whether a key is one of them.
    static func contains(_ key: Bytes) -> Bool { key.starts(with: prefix.utf8) }
}

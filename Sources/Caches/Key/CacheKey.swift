import CachesCluster
import CachesTransport

/// The key of one cache: the class's prefix and the parts of one object, joined as a ``KeyStyle`` says.
///
/// ```swift
/// CacheKey(prefix: "user", "org", 42).text   // user.org.42
/// ```
///
/// Making a key does not fail, so that making a cache doesn't. A key that no server takes, an empty one or
/// one of 512 MiB and more, makes each call that uses it throw. So does one that begins with `caches:`, as
/// those do in which the library keeps what it notes of outages: a key part that a user of the program chose
/// must not reach them.
public struct CacheKey: Hashable, Sendable {
    /// The key as servers see it. Empty if it would be too large.
    @usableFromInline let bytes: KeyBytes

    /// The size of the key in bytes; not a size if the key is invalid: see ``KeyJoiner``.
    @usableFromInline let size: Int

    /// Keys are shorter than 512 MiB, the largest argument a server takes (its `proto-max-bulk-len`).
    @inlinable static var limit: Int { 512 << 20 }

    /// Joins a prefix and any number of parts. The prefix is taken as it is; an empty one adds nothing.
    @inlinable public init<each Part: KeyPart>(
        prefix: String, style: KeyStyle = .escaped, _ part: repeat each Part
    ) {
        var joiner = KeyJoiner(prefix: prefix, style: style)
        for part in repeat each part { joiner.append(part.keyPart) }
        self.init(joiner)
    }

    /// The joined key.
    @inlinable init(_ joiner: KeyJoiner) {
        bytes = joiner.key
        size = joiner.size
    }

    /// The text of a part. The expansion of `@Cached` calls it for each parameter, so that the compiler says
    /// which parameter's type is not a ``KeyPart``.
    @inlinable public static func part(_ part: some KeyPart) -> String { part.keyPart }

    /// The key as servers see it. Empty if it would be too large.
    public var text: String { bytes.text }

    /// The key, if a server would take it.
    func checked() throws(CachesError) -> KeyBytes {
        try check()
        return bytes
    }

    /// Throws if no server would take it.
    func check() throws(CachesError) { guard isWithinLimits else { throw fault } }

    /// Whether a server would take it.
    var isWithinLimits: Bool { size > 0 && size < Self.limit }

    /// Throws if the key is one of the library's own, by its first part or by the class's own prefix. Reads
    /// don't ask for the latter: there is nothing to lose.
    @usableFromInline
    func checkIsNotReserved() throws(CachesError) { if isReserved { throw fault } }

    private var isReserved: Bool { size < 0 || bytes.withBytes { ReservedKeys.contains($0) } }

    private var fault: CachesError {
        guard !isReserved else {
            return CachesError(
                .invalidArgument,
                "The key begins with \(ReservedKeys.prefix), as this library's own keys do.",
                advice: "Give the class a prefix, or another one.")
        }
        guard size > 0, size != KeyJoiner.unprefixed else {
            return CachesError(
                .invalidArgument, "The key is empty.",
                advice: "Give the class a prefix, or the cache a key part that is not empty.")
        }
        return CachesError(
            .tooLarge,
            "The key would have \(size) bytes; a server takes keys of fewer than \(CacheKey.limit) bytes.",
            advice: "Make the key of a digest of the part that is so long.")
    }
}

extension CacheKey: CustomStringConvertible {
    /// The key as servers see it.
    public var description: String { text }
}

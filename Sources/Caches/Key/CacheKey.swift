/// The key of one cache: the class's prefix and the parts of one object, joined as a ``KeyStyle`` says.
///
/// ```swift
/// CacheKey(prefix: "user", "org", 42).text   // user.org.42
/// ```
///
/// Making a key does not fail, so that making a cache doesn't. A key that no server takes, an empty one or one
/// of 512 MiB and more, makes each call that uses it throw.
public struct CacheKey: Hashable, Sendable {
    /// The key as servers see it. Empty if it would be too large.
    public let text: String

    /// The bytes that the key would have.
    private let bytes: Int

    /// Keys are shorter than 512 MiB, the largest argument a server takes (its `proto-max-bulk-len`).
    static let limit = 512 << 20

    /// Joins a prefix and any number of parts. The prefix is taken as it is; an empty one adds nothing.
    @inlinable public init<each Part: KeyPart>(
        prefix: String, style: KeyStyle = .escaped, _ part: repeat each Part
    ) {
        self.init(prefix: prefix, style: style) { joiner in
            for part in repeat each part { joiner.append(part.keyPart) }
        }
    }

    /// Joins a prefix and any number of parts, each part as `normalize` returns it.
    @inlinable init<each Part: KeyPart>(
        prefix: String, style: KeyStyle, normalizing normalize: (String) -> String, _ part: repeat each Part
    ) {
        self.init(prefix: prefix, style: style) { joiner in
            for part in repeat each part { joiner.append(normalize(part.keyPart)) }
        }
    }

    @usableFromInline init(prefix: String, style: KeyStyle, appendingParts: (inout KeyJoiner) -> Void) {
        func join(capacity: Int) -> (text: String, bytes: Int) {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { memory in
                var joiner = KeyJoiner(in: memory, prefix: prefix, style: style)
                appendingParts(&joiner)
                guard joiner.bytes <= capacity else { return ("", joiner.bytes) }
                let joined = UnsafeBufferPointer(rebasing: memory[..<joiner.bytes])
                return (String(decoding: joined, as: UTF8.self), joiner.bytes)
            }
        }
        var (text, bytes) = join(capacity: 256)
        // Rare: now that its size is known, a long key is joined again, in memory that fits.
        if bytes > 256, bytes < CacheKey.limit { (text, bytes) = join(capacity: bytes) }
        self.text = text
        self.bytes = bytes
    }

    /// The key's text, if a server would take it.
    func checked() throws(CachesError) -> String {
        guard text.isEmpty else { return text }
        throw fault
    }

    private var fault: CachesError {
        guard bytes > 0 else {
            return CachesError(
                .invalidArgument, "The key is empty.",
                advice: "Give the class a prefix, or the cache a key part that is not empty.")
        }
        return CachesError(
            .tooLarge,
            "The key would have \(bytes) bytes; a server takes keys of fewer than \(CacheKey.limit) bytes.",
            advice: "Make the key of a digest of the part that is so long.")
    }
}

extension CacheKey: CustomStringConvertible {
    /// The key as servers see it.
    public var description: String { text }
}

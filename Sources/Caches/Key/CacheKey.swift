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
    @usableFromInline let bytes: KeyBytes

    /// How many bytes the key would have.
    private let size: Int

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
        func join(capacity: Int) -> CacheKey {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { memory in
                var joiner = KeyJoiner(in: memory, prefix: prefix, style: style)
                appendingParts(&joiner)
                return CacheKey(joiner)
            }
        }
        let key = join(capacity: Self.usualCapacity)
        // Rare: now that its size is known, a long key is joined again, in memory that fits.
        self = key.size > Self.usualCapacity && key.size < Self.limit ? join(capacity: key.size) : key
    }

    /// Where most keys are joined.
    private static let usualCapacity = 256

    /// What was joined.
    private init(_ joiner: KeyJoiner) {
        bytes = joiner.joined.map { KeyBytes($0) } ?? .empty
        size = joiner.bytes
    }

    /// The keys of a prefix and many parts, one part each. The prefix is joined once, and stays where it is while one
    /// part after the other follows it.
    @inlinable static func each<Part: KeyPart>(
        of parts: some Sequence<Part>, prefix: String, style: KeyStyle,
        normalizing normalize: (String) -> String
    ) -> [CacheKey] {
        joining(prefix: prefix, style: style) { start in
            parts.map { part in
                let part = normalize(part.keyPart)
                return CacheKey(start, followedBy: part)
                    ?? CacheKey(prefix: prefix, style: style) { $0.append(part) }
            }
        }
    }

    @usableFromInline static func joining(
        prefix: String, style: KeyStyle, _ body: (KeyJoiner) -> [CacheKey]
    ) -> [CacheKey] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: usualCapacity) { memory in
            body(KeyJoiner(in: memory, prefix: prefix, style: style))
        }
    }

    /// nil if the joiner's memory does not hold it.
    @usableFromInline init?(_ start: KeyJoiner, followedBy part: String) {
        var joiner = start
        joiner.append(part)
        guard joiner.joined != nil else { return nil }
        self.init(joiner)
    }

    /// The key as servers see it. Empty if it would be too large.
    public var text: String { bytes.text }

    /// The key, if a server would take it.
    func checked() throws(CachesError) -> KeyBytes {
        guard size > 0, size < Self.limit else { throw fault }
        return bytes
    }

    private var fault: CachesError {
        guard size > 0 else {
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

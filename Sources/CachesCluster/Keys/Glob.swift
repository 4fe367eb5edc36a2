/// A pattern of keys, in the glob language of Redis.
///
/// ```swift
/// try await pool.clear(matching: "user.*").get()
/// for try await key in pool.keys(matching: "user.\(name).*") { … }  // `name` stands for itself
/// ```
///
/// | in the pattern | in the key |
/// |---|---|
/// | `*` | any bytes, also none |
/// | `?` | one byte; a character that is not ASCII has several |
/// | `[a-cx]` | one byte that is listed |
/// | `[^a-cx]` | one byte that is not listed |
/// | `\*` | the character after the backslash itself |
/// | anything else | itself; braces too, as they make hash tags |
///
/// Values that are interpolated into a literal are escaped, so that they stand for themselves. The rest of a
/// literal, and the argument of ``init(_:)``, is a pattern. A pattern covers the whole key: `user` is the one
/// key of that name, `user.*` are the keys below it, and `user*` are those of `users` as well.
///
/// Making a glob does not fail; ``validate()`` throws if it is malformed, and so does each call that uses it.
/// Redis itself accepts every text as a pattern, and a malformed one matches something other than intended.
/// Such patterns are refused here: see ``validate()``. (https://redis.io/docs/latest/commands/keys/)
public struct Glob: Hashable, Sendable {
    /// The pattern as servers get it.
    public let pattern: String

    /// Every key: `*`.
    public static let everything = Glob("*")

    /// A pattern that is only known at run time, such as one that a user typed.
    public init(_ pattern: String) { self.pattern = pattern }

    /// The pattern of one text alone: `Glob.escaping("a*b")` is `a\*b`.
    public static func escaping(_ text: String) -> Glob {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if special.contains(byte) { escaped.append(UInt8(ascii: "\\")) }
            escaped.append(byte)
        }
        return Glob(String(decoding: escaped, as: UTF8.self))
    }

    /// The bytes that have a special meaning outside of brackets.
    private static let special = Array("*?[\\".utf8)

    /// Whether the pattern contains no character of a key, such as `*`, `**` and `?*`.
    package var namesNoCharacter: Bool {
        pattern.utf8.allSatisfy { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }
}

extension Glob: CustomStringConvertible {
    /// The pattern as servers get it.
    public var description: String { pattern }
}

extension Glob: ExpressibleByStringInterpolation {
    /// A pattern as it is written.
    public init(stringLiteral pattern: String) { self.init(pattern) }

    /// A pattern as it is written, with values that stand for themselves.
    public init(stringInterpolation: StringInterpolation) { self.init(stringInterpolation.pattern) }

    /// Builds a pattern from literal and interpolated parts.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pattern: String

        public init(literalCapacity: Int, interpolationCount: Int) {
            pattern = ""
            pattern.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        /// A piece of pattern.
        public mutating func appendLiteral(_ pattern: String) { self.pattern += pattern }

        /// A value that stands for itself, whatever it contains.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            pattern += Glob.escaping(value.description).pattern
        }

        /// A piece of pattern that is a glob already.
        public mutating func appendInterpolation(_ glob: Glob) { pattern += glob.pattern }
    }
}

/// Turns values into the bytes that a server stores, and back.
///
/// ``StandardCoder`` is the default. A coder that compresses or encrypts wraps another one:
///
/// ```swift
/// struct Sealed: CacheCoder {
///     let base = StandardCoder()
///     func encode<Value: Codable>(_ value: Value) throws -> Payload {
///         .bytes(try seal(base.encode(value).bytes))
///     }
///     func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value {
///         try base.decode(type, from: open(bytes))
///     }
/// }
/// ```
///
/// Two rules: equal values give equal bytes, because members of a set are found by their bytes; and what
/// `encode` made of an optional's nil, no other value of that type may give.
///
/// A cache turns a coder's errors into a ``CachesError`` of code ``CachesError/Code/encoding`` or
/// ``CachesError/Code/decoding`` that names the key and the type. Of the coder's own error it keeps the
/// message of a `CachesError` and the name of any other, because an error's text may quote the value.
public protocol CacheCoder: Sendable {
    /// The bytes to store for a value.
    func encode<Value: Codable>(_ value: Value) throws -> Payload

    /// The value that was stored as `bytes`.
    func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value
}

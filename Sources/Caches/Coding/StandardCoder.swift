#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The default coder: plain values are stored as they are, all others as JSON.
///
/// | Value               | Stored as                                                                      |
/// |---------------------|--------------------------------------------------------------------------------|
/// | `String`            | its UTF-8                                                                      |
/// | integers            | decimal, `-42`: `INCR` and clients in other languages work on it               |
/// | `Double`, `Float`   | the shortest decimal that reads back the same: `0.1`, `1e+16`, `inf`, `nan`    |
/// | `Bool`              | `1` and `0`; `true` and `false` are read, too                                  |
/// | `Data`, `[UInt8]`   | the bytes                                                                      |
/// | an optional         | nil as `null`, all else as the value that it wraps; see below                  |
/// | any other `Codable` | JSON, its keys sorted                                                          |
///
/// JSON is Foundation's, with its default strategies (a `Date` is seconds since 2001, `Data` is Base64);
/// infinite and not-a-number floats are the strings `inf`, `-inf` and `nan`.
///
/// **Optionals.** `Cache<User?>` can remember that there is no user. nil is stored as `null`, and a value
/// whose own bytes are `null`, once or repeated, gets one more: in a `Cache<String?>` the text `null` is
/// stored as `nullnull`. So nil is never mistaken for a value, of whatever type, and all other values look as
/// they do without the optional.
///
/// **Equal values** give equal bytes, by which members of a set and fields of a dictionary are found, but for
/// three kinds. Texts are what their characters are made of: `"\u{E9}"` and `"e\u{301}"`, which Swift calls
/// equal, are two members. So are 0.0 and -0.0. And JSON lists a `Set`, or a dictionary whose keys are
/// neither texts nor `Int`, in an order that differs from one process to the next: keep an array that is
/// sorted. ``SetCache/normalize(_:)`` and its like can make such values the same.
public struct StandardCoder: CacheCoder {
    /// Makes the coder. It has no state.
    public init() {}

    // The plain types are told apart by comparing metatypes, which costs a comparison of pointers each. A
    // protocol and a conditional cast would be shorter to write, and cost a thousand instructions a value.
    // Where the type is known to the compiler, it compares them: so decoding is inlinable.

    public func encode<Value: Codable>(_ value: Value) throws(CachesError) -> Payload {
        if Value.self == String.self { return .text(same(value, as: String.self)) }
        if Value.self == Int.self { return .number(same(value, as: Int.self)) }
        if Value.self == Bool.self { return .text(same(value, as: Bool.self) ? "1" : "0") }
        if Value.self == Double.self { return .text(same(value, as: Double.self).description) }
        if Value.self == [UInt8].self { return .bytes(same(value, as: [UInt8].self)[...]) }
        if Value.self == Data.self { return .bytes(Bytes(same(value, as: Data.self))) }
        if Value.self == Int64.self { return .number(same(value, as: Int64.self)) }
        if Value.self == Int32.self { return .number(same(value, as: Int32.self)) }
        if Value.self == UInt.self { return .number(same(value, as: UInt.self)) }
        if Value.self == UInt64.self { return .number(same(value, as: UInt64.self)) }
        if Value.self == UInt32.self { return .number(same(value, as: UInt32.self)) }
        if Value.self == Float.self { return .text(same(value, as: Float.self).description) }
        if Value.self == Int16.self { return .number(same(value, as: Int16.self)) }
        if Value.self == Int8.self { return .number(same(value, as: Int8.self)) }
        if Value.self == UInt16.self { return .number(same(value, as: UInt16.self)) }
        if Value.self == UInt8.self { return .number(same(value, as: UInt8.self)) }
        if Value.self == Int128.self { return .number(same(value, as: Int128.self)) }
        if Value.self == UInt128.self { return .number(same(value, as: UInt128.self)) }
        if let optional = value as? any OptionalValue { return try optional.payload(by: self) }
        return .bytes(try JSON.encode(value))
    }

    @inlinable
    public func decode<Value: Codable>(
        _ type: Value.Type, from bytes: Bytes
    ) throws(CachesError) -> Value {
        if type == String.self { return same(try text(bytes), as: type) }
        if type == Int.self { return same(try integer(bytes) as Int, as: type) }
        if type == Bool.self { return same(try bool(bytes), as: type) }
        if type == Double.self { return same(try number(bytes) as Double, as: type) }
        if type == [UInt8].self { return same([UInt8](bytes), as: type) }
        if type == Data.self { return same(Data(bytes), as: type) }
        if type == Int64.self { return same(try integer(bytes) as Int64, as: type) }
        if type == Int32.self { return same(try integer(bytes) as Int32, as: type) }
        if type == UInt.self { return same(try integer(bytes) as UInt, as: type) }
        if type == UInt64.self { return same(try integer(bytes) as UInt64, as: type) }
        if type == UInt32.self { return same(try integer(bytes) as UInt32, as: type) }
        if type == Float.self { return same(try number(bytes) as Float, as: type) }
        if type == Int16.self { return same(try integer(bytes) as Int16, as: type) }
        if type == Int8.self { return same(try integer(bytes) as Int8, as: type) }
        if type == UInt16.self { return same(try integer(bytes) as UInt16, as: type) }
        if type == UInt8.self { return same(try integer(bytes) as UInt8, as: type) }
        if type == Int128.self { return same(try integer(bytes) as Int128, as: type) }
        if type == UInt128.self { return same(try integer(bytes) as UInt128, as: type) }
        return try decodeOther(type, from: bytes)
    }

    @usableFromInline
    func decodeOther<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws(CachesError) -> Value {
        if let optional = type as? any OptionalValue.Type {
            return try optional.init(bytes, by: self) as! Value
        }
        return try JSON.decode(type, from: bytes)
    }

    /// The same value under the other of two names of its type.
    ///
    /// Only called where the two metatypes have just been found equal, so that nothing is reinterpreted. The
    /// cast that says so, `as!`, asks the runtime, for two hundred instructions.
    @inlinable @inline(__always)
    func same<From, To>(_ value: From, as type: To.Type) -> To {
        assert(From.self == type)
        return unsafeBitCast(value, to: type)
    }
}

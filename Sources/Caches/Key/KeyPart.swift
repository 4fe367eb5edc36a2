#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A value that can be a part of a key: texts, integers, truth values, UUIDs, and enums or identifiers that
/// wrap one of them.
///
/// An own identifier becomes one by saying so, if its raw value is a key part:
///
/// ```swift
/// enum Region: String, KeyPart { case eu, us }
/// let c = UserCache(Region.eu, 42)   // user.eu.42
/// ```
///
/// or by giving its text:
///
/// ```swift
/// extension Day: KeyPart { var keyPart: String { "\(year)-\(month)-\(day)" } }
/// ```
///
/// Two values that differ must give two texts that differ. Keys are made on any thread, so that a conformance
/// can't be isolated to an actor.
public protocol KeyPart: SendableMetatype {
    /// The text of this part, before it is escaped.
    var keyPart: String { get }
}

extension String: KeyPart {
    @inlinable public var keyPart: String { self }
}

extension Substring: KeyPart {
    @inlinable public var keyPart: String { String(self) }
}

extension KeyPart where Self: BinaryInteger {
    /// The number in decimal.
    @inlinable public var keyPart: String { DecimalText.of(self) }
}

extension Int: KeyPart {}
extension Int8: KeyPart {}
extension Int16: KeyPart {}
extension Int32: KeyPart {}
extension Int64: KeyPart {}
extension Int128: KeyPart {}
extension UInt: KeyPart {}
extension UInt8: KeyPart {}
extension UInt16: KeyPart {}
extension UInt32: KeyPart {}
extension UInt64: KeyPart {}
extension UInt128: KeyPart {}

extension Bool: KeyPart {
    /// `true` or `false`.
    @inlinable public var keyPart: String { description }
}

extension UUID: KeyPart {
    /// The UUID in upper case, as `uuidString` writes it.
    public var keyPart: String { uuidString }
}

extension KeyPart where Self: RawRepresentable, RawValue: KeyPart {
    /// The raw value's text.
    @inlinable public var keyPart: String { rawValue.keyPart }
}

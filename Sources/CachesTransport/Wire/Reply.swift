/// The bytes of a string in a reply. A slice, so that the many strings of one reply share one buffer, and
/// short strings that came together one of at most 4 KiB: copy strings that you keep for long.
public typealias Bytes = ArraySlice<UInt8>

/// A server's answer, in the types of [RESP2](https://redis.io/docs/latest/develop/reference/protocol-spec/).
public enum Reply: Sendable, Hashable {
    /// A null string or a null array: no such key, no such field, an aborted transaction.
    case null
    /// A signed 64-bit number.
    case integer(Int64)
    /// A simple string, such as `OK`.
    case status(String)
    /// A binary-safe string.
    case string(Bytes)
    /// An error. At the root of a reply it is thrown as a ``CachesError`` by most calls.
    case error(ServerError)
    /// A list of replies.
    case array(ReplyArray)
}

/// A list of replies, which may hold lists.
///
/// All items of a reply, at any depth, lie in one table in the order in which they were sent, and all their
/// bytes in one buffer: a list of 1 000 strings costs two allocations. An index is a place in the table; an
/// inner list is stepped over by the place where it ends.
public struct ReplyArray: Sendable {
    /// An entry of the table.
    @usableFromInline enum Item: Sendable {
        case null
        case integer(Int64)
        case status(start: Int, end: Int)
        case string(start: Int, end: Int)
        case error(start: Int, end: Int)
        /// A list of `count` replies; the entry after its last one is at `end`.
        case array(count: Int, end: Int)
    }

    @usableFromInline let items: [Item]
    @usableFromInline let bytes: [UInt8]
    public let startIndex: Int
    public let endIndex: Int
    public let count: Int

    /// The list whose entry is at `position`.
    init(items: [Item], bytes: [UInt8], at position: Int = 0) {
        guard case .array(let count, let end) = items[position] else {
            preconditionFailure("a reply's table has no list at \(position)")
        }
        self.items = items
        self.bytes = bytes
        self.count = count
        startIndex = position + 1
        endIndex = end
    }
}

extension ReplyArray: Collection {
    @inlinable public func index(after index: Int) -> Int {
        if case .array(_, let end) = items[index] { end } else { index + 1 }
    }

    public subscript(index: Int) -> Reply {
        switch items[index] {
        case .null: .null
        case .integer(let value): .integer(value)
        case .status(let start, let end): .status(String(decoding: bytes[start..<end], as: UTF8.self))
        case .string(let start, let end): .string(bytes[start..<end])
        case .error(let start, let end):
            .error(ServerError(String(decoding: bytes[start..<end], as: UTF8.self)))
        case .array: .array(ReplyArray(items: items, bytes: bytes, at: index))
        }
    }
}

extension ReplyArray {
    /// The bytes of the string at an index; nil if there is something else.
    ///
    /// The same as `self[index].bytes`, in less time.
    @inlinable public func bytes(at index: Int) -> Bytes? {
        if case .string(let start, let end) = items[index] { bytes[start..<end] } else { nil }
    }
}

extension ReplyArray {
    /// Its approximate size on the wire, in bytes: that of the whole reply for an inner list.
    package var weight: Int { bytes.count + items.count * Reply.overhead }
}

extension ReplyArray: Hashable {
    public static func == (left: ReplyArray, right: ReplyArray) -> Bool {
        left.count == right.count && left.elementsEqual(right)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for reply in self { hasher.combine(reply) }
    }
}

extension Reply {
    /// The approximate size of an item on the wire without its own bytes.
    fileprivate static let overhead = 8

    /// Its approximate size on the wire, in bytes.
    package var weight: Int {
        switch self {
        case .null, .integer, .status, .error: Self.overhead
        case .string(let bytes): bytes.count + Self.overhead
        case .array(let array): array.weight
        }
    }
}

extension [Reply] {
    /// Their approximate size on the wire, in bytes.
    package var weight: Int { reduce(0) { $0 + $1.weight } }
}

extension Reply {
    /// The number, if this is one.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The bytes of a string, if this is one.
    public var bytes: Bytes? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    /// The text of a string or a status, with invalid UTF-8 repaired.
    public var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// The items of a list, if this is one.
    public var array: ReplyArray? {
        if case .array(let array) = self { array } else { nil }
    }

    /// Whether this is an error.
    @inlinable public var isError: Bool {
        if case .error = self { true } else { false }
    }

    /// Whether this is null.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

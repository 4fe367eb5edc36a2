/// The bytes of a key, as servers see it.
///
/// A key is made for every call, and given up after it. To ask for memory and to give it back takes longer
/// than all else that is done with a key: making it, finding its node, writing it. So a key of up to
/// 47 bytes, as nearly all have, lies in the value itself, which is copied as 48 bytes are and counts no
/// references. A longer one has memory of its own.
public struct KeyBytes: Sendable {
    @usableFromInline typealias Block = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// For a short key: its bytes, then zeros, and their number in the last byte. For a long key: only zeros.
    @usableFromInline var block: Block

    /// nil for a short key.
    @usableFromInline var long: LongKey?

    /// The longest key that lies in the value.
    @inlinable static var mostInside: Int { MemoryLayout<Block>.size - 1 }

    /// No bytes: no server has such a key.
    @inlinable public static var empty: KeyBytes { KeyBytes() }

    @inlinable init() {
        block = (0, 0, 0, 0, 0, 0)
        long = nil
    }

    /// The bytes of a text.
    public init(_ text: String) {
        self.init()
        var text = text
        text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0), after: nil) }
    }

    /// Appends some bytes, which are UTF-8, after a separator or at once.
    @inlinable @inline(__always)
    public mutating func append(_ bytes: UnsafeRawBufferPointer, after separator: UInt8?) {
        let isShort = unsafe withUnsafeMutableBytes(of: &block) { block in
            let start = unsafe Int(block[Self.mostInside]) + (separator == nil ? 0 : 1)
            let end = start + bytes.count
            guard end <= Self.mostInside, long == nil else { return false }
            // Inside the block: the end has been compared.
            if let separator { unsafe block[start - 1] = separator }
            if let source = bytes.baseAddress {
                unsafe (block.baseAddress! + start).copyMemory(from: source, byteCount: bytes.count)
            }
            unsafe block[Self.mostInside] = UInt8(truncatingIfNeeded: end)
            return true
        }
        if !isShort { unsafe appendLong(bytes, after: separator) }
    }

    @usableFromInline @inline(never)
    mutating func appendLong(_ bytes: UnsafeRawBufferPointer, after separator: UInt8?) {
        var all: [UInt8] = []
        unsafe withBytes { before in
            all.reserveCapacity(before.count + bytes.count + 1)
            unsafe all.append(contentsOf: before)
        }
        if let separator { all.append(separator) }
        unsafe all.append(contentsOf: bytes)
        block = Self.empty.block
        long = LongKey(all)
    }

    /// Calls `body` with the bytes, which are there for as long as that runs.
    @inlinable @inline(__always)
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let long { return unsafe long.bytes.withUnsafeBytes(body) }
        return unsafe withUnsafeBytes(of: block) { block in
            let count = unsafe Int(block[block.count - 1])
            return unsafe body(UnsafeRawBufferPointer(rebasing: block[..<count]))
        }
    }

    /// How many there are.
    package var count: Int { unsafe withBytes { $0.count } }

    /// Whether there are none.
    public var isEmpty: Bool { unsafe withBytes { unsafe $0.isEmpty } }

    /// The key as a text.
    public var text: String { unsafe withBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}

/// A key that is too long to lie in a value.
@usableFromInline final class LongKey: Sendable {
    @usableFromInline let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension KeyBytes: Hashable {
    public static func == (left: KeyBytes, right: KeyBytes) -> Bool {
        unsafe left.withBytes { left in unsafe right.withBytes { unsafe left.elementsEqual($0) } }
    }

    public func hash(into hasher: inout Hasher) {
        unsafe withBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension CommandWriter {
    /// Writes a word.
    @inlinable @inline(__always)
    public mutating func argument(_ key: KeyBytes) {
        unsafe key.withBytes { unsafe argument($0) }
    }
}

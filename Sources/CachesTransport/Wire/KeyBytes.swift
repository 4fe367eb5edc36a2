/// The bytes of a key, as servers see it.
///
/// A key is made for every call, and given up after it. To ask for memory and to give it back takes longer than all
/// else that is done with a key: making it, finding its node, writing it. So a key of up to 47 bytes, as nearly all
/// have, lies in the value itself, which is copied as 48 bytes are and counts no references. A longer one has memory
/// of its own.
public struct KeyBytes: Sendable {
    @usableFromInline typealias Block = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Of a short key the bytes, then zeros, and in the last byte how many they are. Of a long one nothing but zeros.
    @usableFromInline let block: Block

    /// nil for a short key.
    @usableFromInline let long: LongKey?

    /// The longest key that lies in the value.
    private static let mostInside = MemoryLayout<Block>.size - 1

    /// No bytes: no server has such a key.
    public static let empty = KeyBytes(block: (0, 0, 0, 0, 0, 0), long: nil)

    private init(block: Block, long: LongKey?) {
        self.block = block
        self.long = long
    }

    /// The bytes of a text.
    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { unsafe KeyBytes(UnsafeRawBufferPointer($0)) }
    }

    /// A copy of some bytes, which are UTF-8.
    @usableFromInline package init(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.mostInside else {
            self.init(block: Self.empty.block, long: unsafe LongKey([UInt8](bytes)))
            return
        }
        var block: Block = (0, 0, 0, 0, 0, 0)
        // Inside the block: the count has been compared.
        unsafe withUnsafeMutableBytes(of: &block) { block in
            unsafe block.copyMemory(from: bytes)
            unsafe block[Self.mostInside] = UInt8(truncatingIfNeeded: bytes.count)
        }
        self.init(block: block, long: nil)
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
    public mutating func argument(_ key: KeyBytes) {
        unsafe key.withBytes { unsafe argument($0) }
    }
}

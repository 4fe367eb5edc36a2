/// A reply that came whole, in one of the forms that nearly all have: a string, null, `OK`, a short number,
/// or a list of strings.
///
/// hiredis reads every reply there is, from any number of pieces. For that it copies its input into a buffer
/// of its own and calls back for each item: three hundred instructions an item, of which most are the calls.
/// A reply that lies before us from its first byte to its last needs neither, and most do: a server sends
/// small replies in one piece.
///
/// So this is not a second parser but a shortcut past hiredis. It takes a reply that is complete and of a
/// known form. It takes nothing of a reply that is cut, of another form, larger than allowed or wrong;
/// ``ReplyReader`` gives that to hiredis from its first byte on, so that one place decides between an error
/// and a wait for more.
enum FastReplyParser {
    /// `OK` and the end of its line, compared at once: every write is answered so.
    private static let okay = UInt32(bigEndian: 0x4F4B_0D0A)

    /// Reads the reply at `position`, and moves that past it; nil if the reply is for hiredis; `position` is
    /// then meaningless.
    ///
    /// - Parameter copies: Where short strings among `bytes` were copied to.
    @inline(__always)
    static func read(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, maximumBytes: Int,
        _ copies: inout ReplyBuffer
    ) -> Reply? {
        guard position < bytes.count else { return nil }
        switch unsafe bytes[position] {
        case UInt8(ascii: "$"):
            guard let string = unsafe BulkString(in: bytes, at: position), string.count <= maximumBytes else {
                return nil
            }
            position = string.next
            return string.isNull ? .null : .string(unsafe copies.copy(of: bytes, string.start, string.end))
        case UInt8(ascii: "*"): return unsafe list(bytes, at: &position, maximumBytes).map { .array($0) }
        case UInt8(ascii: "+"):
            let text = position + 1
            guard text + MemoryLayout.size(ofValue: okay) <= bytes.count,
                unsafe bytes.loadUnaligned(fromByteOffset: text, as: UInt32.self) == okay
            else { return nil }
            position = text + MemoryLayout.size(ofValue: okay)
            return .status("OK")
        case UInt8(ascii: ":"):
            position += 1
            return unsafe number(in: bytes, at: &position).map { .integer(Int64($0)) }
        default: return nil
        }
    }

    private static func list(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, _ maximumBytes: Int
    ) -> ReplyArray? {
        let start = position
        position += 1
        guard let count = unsafe number(in: bytes, at: &position),
            // The shortest string takes five bytes: no memory is reserved for strings that can't be there.
            count <= (bytes.count - position) / 5
        else { return nil }
        var items: [ReplyArray.Item] = []
        items.reserveCapacity(count + 1)
        items.append(.array(count: count, end: count + 1))
        for _ in 0..<count {
            guard let string = unsafe BulkString(in: bytes, at: position) else { return nil }
            items.append(
                string.isNull ? .null : .string(start: string.start - start, end: string.end - start))
            position = string.next
        }
        guard position - start + items.count * MemoryLayout<ReplyArray.Item>.stride <= maximumBytes else {
            return nil
        }
        // With the lengths between the strings: one copy of it all costs less than one of each.
        return ReplyArray(items: items, bytes: unsafe ReplyBuffer.array(of: bytes, start, position))
    }
}

/// Copies of the short strings among some bytes: those that came together share memory, since to ask for that
/// and give it back takes longer than all the rest of reading one.
///
/// It is freed when the last of them is released: keeping one short string keeps 4 KiB at most.
struct ReplyBuffer {
    private var copy: [UInt8] = []

    /// The range of the bytes that `copy` holds.
    private var (start, end) = (0, 0)

    /// The number of bytes copied at once.
    private static let sharedBytes = 4096

    /// The longest string that shares. Of longer ones few came together.
    private static let longestSharing = 512

    /// A copy of a part of `bytes`, which are the same in each call.
    @inline(__always)
    mutating func copy(of bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bytes {
        if end > self.end {
            // The last one, as in a reply that came alone, needs to share with nobody.
            guard end - start <= Self.longestSharing, end + 2 < bytes.count else {
                return unsafe Self.array(of: bytes, start, end)[...]
            }
            (self.start, self.end) = (start, min(start + Self.sharedBytes, bytes.count))
            copy = unsafe Self.array(of: bytes, self.start, self.end)
        }
        return copy[start - self.start..<end - self.start]
    }

    @inline(__always)
    static func array(of bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> [UInt8] {
        unsafe [UInt8](UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
}

/// Where a string is, or a null, that lies whole in some bytes.
private struct BulkString {
    let start: Int
    let end: Int

    /// The position after it.
    let next: Int

    var count: Int { end - start }
    var isNull: Bool { next == end }

    @inline(__always)
    init?(in bytes: UnsafeRawBufferPointer, at position: Int) {
        guard position + 5 <= bytes.count, unsafe bytes[position] == UInt8(ascii: "$") else { return nil }
        var cursor = position + 1
        if unsafe bytes[cursor] == UInt8(ascii: "-") {
            guard unsafe bytes[cursor + 1] == UInt8(ascii: "1"), unsafe isLineEnd(in: bytes, at: cursor + 2)
            else { return nil }
            (start, end, next) = (cursor + 4, cursor + 4, cursor + 4)
            return
        }
        guard let length = unsafe number(in: bytes, at: &cursor), cursor + length + 2 <= bytes.count,
            unsafe isLineEnd(in: bytes, at: cursor + length)
        else { return nil }
        (start, end, next) = (cursor, cursor + length, cursor + length + 2)
    }
}

/// A number in decimal with the end of its line, which `position` is moved past. Nine digits can't overflow;
/// a longer number, or a negative one, is not for here.
@inline(__always)
private func number(in bytes: UnsafeRawBufferPointer, at position: inout Int) -> Int? {
    let start = position
    let limit = min(bytes.count, start + 9)
    var number = 0
    while position < limit {
        let digit = unsafe bytes[position] &- UInt8(ascii: "0")
        guard digit < 10 else { break }
        number = number &* 10 &+ Int(digit)
        position += 1
    }
    guard position > start, position + 2 <= bytes.count, unsafe isLineEnd(in: bytes, at: position) else {
        return nil
    }
    position += 2
    return number
}

@inline(__always)
private func isLineEnd(in bytes: UnsafeRawBufferPointer, at position: Int) -> Bool {
    unsafe bytes[position] == UInt8(ascii: "\r") && bytes[position + 1] == UInt8(ascii: "\n")
}

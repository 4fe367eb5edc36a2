/// Writes commands as RESP, straight into a connection's outgoing bytes.
///
/// A command is the number of its words, then each word:
///
/// ```swift
/// connection.send(deadline: deadline) { command in
///     command.begin(3)
///     command.argument("SET")
///     command.argument(key)
///     command.argument(value)
/// }
/// ```
///
/// The number announced and the words written must agree, or every later reply would go to the wrong caller:
/// a mismatch traps.
public struct CommandWriter: ~Copyable, Sendable {
    @usableFromInline var buffer = OutgoingBuffer()

    /// Commands begun since ``start()``.
    @usableFromInline var commands = 0

    /// The size of the largest word since ``start()``.
    @usableFromInline var largestArgument = 0

    /// Words announced but not yet written.
    @usableFromInline var missing = 0

    /// The longest word a server takes (`proto-max-bulk-len`), 512 MiB. A longer one is not copied.
    @inlinable package static var maximumArgumentBytes: Int { 512 << 20 }

    /// Why a word of so many bytes is not sent.
    package static func tooLarge(_ bytes: Int) -> CachesError {
        CachesError(
            .tooLarge,
            "A key or value of \(bytes) bytes is more than the \(maximumArgumentBytes) a server takes.",
            advice: "Split it, or compress it.")
    }

    init() {}

    /// Prepares for the commands of one call.
    mutating func start() {
        commands = 0
        largestArgument = 0
        missing = 0
    }

    // The parts of most commands are inlinable: the length of a name is then known to the compiler, and the
    // words of a command are written without a call for each.

    /// Writes a command of a name and a key, as most are.
    @inlinable @inline(__always)
    public mutating func write(_ name: StaticString, _ key: KeyBytes) {
        begin(2)
        argument(name)
        argument(key)
    }

    /// Begins a command of `count` words, its name included.
    @inlinable @inline(__always)
    public mutating func begin(_ count: Int) {
        precondition(missing == 0, "a command was begun before the words of the last were written")
        precondition(count > 0, "a command has at least a name")
        commands += 1
        missing = count
        buffer.begin(count)
    }

    /// Writes a word.
    @inlinable @inline(__always)
    public mutating func argument(_ text: StaticString) {
        text.withUTF8Buffer { unsafe argument(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a word.
    @inlinable @inline(__always)
    public mutating func argument(_ text: String) {
        // Not withUTF8, which needs a mutable copy: only a text that isn't stored as UTF-8 is copied.
        let isWritten: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe argument(UnsafeRawBufferPointer($0))
        }
        if isWritten == nil { argument([UInt8](text.utf8)) }
    }

    /// Writes a word.
    public mutating func argument(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe argument($0) }
    }

    /// Writes a word.
    public mutating func argument(_ bytes: Bytes) {
        unsafe bytes.withUnsafeBytes { unsafe argument($0) }
    }

    /// Writes a number as a word, in decimal.
    public mutating func argument(_ number: some BinaryInteger) {
        precondition(missing > 0, "more words than the command announced")
        guard let number = Int64(exactly: number) else { return argument(String(number)) }
        missing -= 1
        buffer.decimalBulk(number)
    }

    @inlinable @inline(__always)
    mutating func argument(_ bytes: UnsafeRawBufferPointer) {
        precondition(missing > 0, "more words than the command announced")
        missing -= 1
        largestArgument = max(largestArgument, bytes.count)
        guard bytes.count <= Self.maximumArgumentBytes else { return }
        unsafe buffer.bulk(bytes)
    }

    /// Counts a command that is written whole.
    mutating func noteRecorded() {
        precondition(missing == 0, "a command was written before the words of the last were")
        commands += 1
    }

    /// Checks, at the end of a call, that all announced words were written.
    func finish(expecting count: Int) {
        precondition(missing == 0, "a command lacks \(missing) of its announced words")
        precondition(commands == count, "\(commands) commands were written, \(count) were announced")
    }
}

extension OutgoingBuffer {
    /// The longest `Int64` in decimal is 20 characters.
    @inlinable static var decimalCapacity: Int { 20 }

    /// Room for `$512\r\n` and the end of the word, whatever its length.
    @inlinable static var wordOverhead: Int { 1 + decimalCapacity + 4 }

    /// Appends `*3\r\n`.
    @inlinable @inline(__always)
    mutating func begin(_ count: Int) {
        let start = unsafe reserve(Self.wordOverhead)
        let end = unsafe Self.writeHeader(UInt8(ascii: "*"), count, to: start)
        noteAppended(unsafe end - start)
    }

    /// Appends a string with its length.
    @inlinable @inline(__always)
    mutating func bulk(_ bytes: UnsafeRawBufferPointer) {
        let start = unsafe reserve(bytes.count + Self.wordOverhead)
        var end = unsafe Self.writeHeader(UInt8(ascii: "$"), bytes.count, to: start)
        if let source = bytes.baseAddress { unsafe end.copyMemory(from: source, byteCount: bytes.count) }
        unsafe end = Self.writeLineEnd(to: end + bytes.count)
        noteAppended(unsafe end - start)
    }

    /// Appends a number as a string with its length.
    mutating func decimalBulk(_ number: Int64) {
        let start = unsafe reserve(Self.decimalCapacity + Self.wordOverhead)
        var end = unsafe Self.writeHeader(UInt8(ascii: "$"), decimalLength(number), to: start)
        unsafe end = Self.writeDecimal(number, to: end)
        unsafe end = Self.writeLineEnd(to: end)
        noteAppended(unsafe end - start)
    }

    // Each of these returns where it has come to.

    @inlinable @inline(__always)
    static func writeHeader(
        _ type: UInt8, _ number: Int, to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        // Nearly all numbers of a command are the lengths of its words, of one digit or two: with their
        // line's end they are one store, of eight bytes for which there is room.
        guard number >= 0, number < 100 else {
            unsafe target.storeBytes(of: type, as: UInt8.self)
            return unsafe writeLineEnd(to: writeDecimal(Int64(number), to: target + 1))
        }
        let (tens, ones) = UInt64(truncatingIfNeeded: number).quotientAndRemainder(dividingBy: 10)
        let zero = UInt64(UInt8(ascii: "0"))
        var line = zero + ones | lineEnd << 8
        if tens > 0 { line = zero + tens | line << 8 }
        unsafe target.storeBytes(of: (UInt64(type) | line << 8).littleEndian, as: UInt64.self)
        return unsafe target + (tens > 0 ? 5 : 4)
    }

    /// `\r\n`, the first character in the lowest byte.
    @inlinable static var lineEnd: UInt64 { UInt64(UInt8(ascii: "\r")) | UInt64(UInt8(ascii: "\n")) << 8 }

    @inlinable @inline(__always)
    static func writeLineEnd(to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        unsafe target.storeBytes(of: UInt16(truncatingIfNeeded: lineEnd).littleEndian, as: UInt16.self)
        return unsafe target + 2
    }

    /// Writes `number` in decimal, at most `decimalCapacity` characters.
    @usableFromInline @inline(never)
    static func writeDecimal(
        _ number: Int64, to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let length = decimalLength(number)
        var rest = number.magnitude
        var position = length
        repeat {
            position -= 1
            let digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            unsafe (target + position).storeBytes(of: digit, as: UInt8.self)
            rest /= 10
        } while rest > 0
        if number < 0 { unsafe target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
        return unsafe target + length
    }
}

/// How many characters `number` takes in decimal, its sign included.
private func decimalLength(_ number: Int64) -> Int {
    var length = number < 0 ? 2 : 1
    var rest = number.magnitude
    while rest >= 10 {
        length += 1
        rest /= 10
    }
    return length
}

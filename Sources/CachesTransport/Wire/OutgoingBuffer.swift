/// Bytes on their way to a socket: appended at one end, sent from the other.
///
/// Owns its memory; a consumed prefix is skipped, not moved, and given back when all of it was sent.
// Safe, and safe to send: the memory belongs to this value alone, which can't be copied, and its pointer is
// lent out only for the time of a closure.
@safe @usableFromInline struct OutgoingBuffer: ~Copyable, @unchecked Sendable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    private var start = 0
    @usableFromInline var end = 0

    /// The capacity an idle buffer keeps: enough for a few hundred small commands.
    private static let restingCapacity = 4096

    /// The most capacity an empty buffer keeps: a batch of some thousand commands.
    private static let keptCapacity = 256 << 10

    init() {
        capacity = Self.restingCapacity
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    }

    // Inlinable, since its users are: else the compiler fails an assertion of its own (Swift 6.3.1).
    @inlinable deinit { unsafe base.deallocate() }

    /// How many bytes wait.
    var count: Int { end - start }

    /// How many of those that were appended have been sent, since it was empty.
    var sent: Int { start }

    var isEmpty: Bool { start == end }

    /// Forgets the bytes appended after the first `count`.
    mutating func truncate(to count: Int) {
        precondition(count <= self.count, "a buffer is not made longer by truncating it")
        end = start + count
    }

    /// Makes room for `count` bytes more and returns where they go; ``noteAppended(_:)`` says how many were
    /// written.
    // Not a closure that writes: the compiler leaves it a function of its own, which each word would call.
    @inlinable @inline(__always)
    mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if capacity - end < count { grow(by: count) }
        return unsafe base + end
    }

    /// So many bytes were written where ``reserve(_:)`` said.
    @inlinable @inline(__always)
    mutating func noteAppended(_ count: Int) { end += count }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        unsafe reserve(bytes.count).copyMemory(from: source, byteCount: bytes.count)
        noteAppended(bytes.count)
    }

    /// The bytes that wait.
    func withPending<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: base + start, count: count))
    }

    /// Drops the first `count` bytes, which were sent.
    mutating func consume(_ count: Int) {
        start += count
        precondition(start <= end, "more bytes consumed than there were")
        guard start == end else { return }
        start = 0
        end = 0
        // A burst's memory goes back; the steady load's stays.
        if capacity > Self.keptCapacity { resize(to: Self.restingCapacity) }
    }

    @usableFromInline @inline(never)
    mutating func grow(by count: Int) {
        let needed = self.count + count
        if needed <= capacity / 2 {
            unsafe base.copyMemory(from: base + start, byteCount: self.count)
            end -= start
            start = 0
        } else {
            resize(to: max(needed, capacity * 2))
        }
    }

    private mutating func resize(to newCapacity: Int) {
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        unsafe fresh.copyMemory(from: base + start, byteCount: count)
        unsafe base.deallocate()
        unsafe base = fresh
        capacity = newCapacity
        end -= start
        start = 0
    }
}

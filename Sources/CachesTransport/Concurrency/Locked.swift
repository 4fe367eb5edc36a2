public import Synchronization

/// A value behind a lock: Swift's `Mutex`, in a form that ThreadSanitizer understands.
///
/// On Linux a contended `Mutex` is handed on by the kernel, where ThreadSanitizer doesn't see it: it takes
/// what two threads do one after the other, each under the lock, for a race. Debug builds therefore draw the
/// edge between them once more, by an atomic that the sanitizer sees. Release builds have the `Mutex` alone.
// Public, because `withLock` has to be inlined in the floors above, and of a type with package access it is
// not, whatever its attributes: its types are then looked up at run time, for a thousand instructions a call.
public struct Locked<Value: ~Copyable>: ~Copyable, Sendable {
    @usableFromInline let mutex: Mutex<Value>
    #if DEBUG
        @usableFromInline let edge = Atomic<UInt8>(0)
    #endif

    /// Guards a value.
    @inlinable @inline(__always)
    public init(_ value: consuming sending Value) { mutex = Mutex(value) }

    /// Runs `body` on the value while no one else does. It must not suspend, and not take the same lock.
    @inlinable @inline(__always)
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock { value throws(Failure) in
            #if DEBUG
                _ = edge.load(ordering: .acquiring)
                defer { edge.store(0, ordering: .releasing) }
            #endif
            return try body(&value)
        }
    }
}

internal import Synchronization

/// A value behind a lock: Swift's `Mutex`, in a form that ThreadSanitizer understands.
///
/// On Linux a contended `Mutex` is handed on by the kernel, where ThreadSanitizer doesn't see it: it takes what
/// two threads do one after the other, each under the lock, for a race. Debug builds therefore draw the edge
/// between them once more, by an atomic that the sanitizer sees. Release builds have the `Mutex` alone.
package struct Guarded<Value: ~Copyable>: ~Copyable, Sendable {
    private let mutex: Mutex<Value>
    #if DEBUG
        private let edge = Atomic<UInt8>(0)
    #endif

    package init(_ value: consuming sending Value) { mutex = Mutex(value) }

    /// Runs `body` on the value while no one else does. It must not suspend, and not take the same lock.
    @inline(__always)
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
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

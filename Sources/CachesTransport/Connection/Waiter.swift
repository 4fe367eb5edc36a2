/// Someone who waits for replies: the continuation of a task, and the task, to see whether it was cancelled.
///
/// Each is resumed exactly once. A waiter has one place at a time: a queue entry of the state machine, or the
/// hands of whoever took it out of there. It leaves the entry by `complete`, `expire` or `close`, all of them
/// under the connection's lock and each of them removing it, and whoever takes it out resumes it. Debug builds
/// have Swift check that.
struct Waiter: Sendable {
    enum Continuation: Sendable {
        case one(ReplyContinuation<Reply>)
        case many(ReplyContinuation<[Reply]>)
    }

    private let continuation: Continuation
    private let task: TaskReference

    init(_ continuation: Continuation, _ task: TaskReference) {
        self.continuation = continuation
        self.task = task
    }

    /// Whether the waiting task was cancelled. Only while it waits: see ``TaskReference``.
    var isCancelled: Bool { task.isCancelled }

    /// Ends the wait with the replies asked for.
    ///
    /// - Parameters:
    ///   - replies: A list that they are in; they are taken out of it.
    ///   - range: Where in the list they are.
    func resume(taking range: Range<Int>, of replies: inout [Reply]) {
        switch continuation {
        case .one(let continuation):
            var reply = Reply.null
            swap(&reply, &replies[range.lowerBound])
            continuation.resume(returning: reply)
        case .many(let continuation): continuation.resume(returning: Array(replies[range]))
        }
    }

    /// Ends the wait with an error.
    func resume(throwing error: any Error) {
        continuation.resume(throwing: error)
    }
}

extension Waiter.Continuation {
    func resume(throwing error: any Error) {
        switch self {
        case .one(let continuation): continuation.resume(throwing: error)
        case .many(let continuation): continuation.resume(throwing: error)
        }
    }
}

/// A task that waits on a connection.
///
/// Safe to ask from another thread: the reference is valid while the task lives, and it lives while its
/// continuation is in the state machine's queue, because it can only go on when somebody takes the waiter out
/// from there. The connection asks under the lock that guards the queue.
///
/// The reference is kept as the bits of an `UnsafeCurrentTask`, which is one pointer (a cast between sizes would
/// trap). As itself, of a type whose layout Swift looks up at run time and which it retains and releases for
/// each copy, it made every step of the queue several times as slow.
struct TaskReference: Sendable {
    private let bits: UInt

    /// The running task.
    static func current() -> TaskReference {
        unsafe withUnsafeCurrentTask { task in
            // Read in place: as a value of its own it would be copied, by way of its type's witnesses.
            let bits = unsafe withUnsafeBytes(of: task) { unsafe $0.load(as: UInt.self) }
            precondition(bits != 0, "a command is sent by a task")
            return TaskReference(bits: bits)
        }
    }

    /// Whether it was cancelled. To be asked while it waits, and not later.
    var isCancelled: Bool { unsafe unsafeBitCast(bits, to: UnsafeCurrentTask.self).isCancelled }
}

/// A continuation that is checked in debug builds.
///
/// A checked one doubles the instructions of a small command. That an unchecked one suffices is proved at
/// ``Waiter``.
@safe @usableFromInline struct ReplyContinuation<Value: Sendable>: Sendable {
    #if DEBUG
        @usableFromInline let continuation: CheckedContinuation<Value, any Error>

        @inlinable init(continuation: CheckedContinuation<Value, any Error>) {
            self.continuation = continuation
        }
    #else
        @usableFromInline let continuation: UnsafeContinuation<Value, any Error>

        @inlinable init(continuation: UnsafeContinuation<Value, any Error>) {
            unsafe self.continuation = continuation
        }
    #endif

    /// Suspends the current task until the continuation given to `body` is resumed.
    @inlinable @inline(__always)
    static func wait(_ body: (ReplyContinuation) -> Void) async throws -> Value {
        #if DEBUG
            try await withCheckedThrowingContinuation { body(ReplyContinuation(continuation: $0)) }
        #else
            // Not withUnsafeThrowingContinuation, which makes sure twice that the task runs where its caller
            // does, before it suspends and after: six hundred instructions, and it never left.
            try await unsafe _unsafeInheritExecutor_withUnsafeThrowingContinuation {
                unsafe body(ReplyContinuation(continuation: $0))
            }
        #endif
    }

    func resume(returning value: Value) {
        #if DEBUG
            continuation.resume(returning: value)
        #else
            unsafe continuation.resume(returning: value)
        #endif
    }

    func resume(throwing error: any Error) {
        #if DEBUG
            continuation.resume(throwing: error)
        #else
            unsafe continuation.resume(throwing: error)
        #endif
    }
}

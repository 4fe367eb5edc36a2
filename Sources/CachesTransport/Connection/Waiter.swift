private import CSwiftTask

/// A caller that waits for replies: the continuation of a task, and the task, to see whether it was
/// cancelled.
///
/// Each is resumed exactly once. A waiter has one place at a time: a queue entry of the state machine, or the
/// code that took it out of there. It leaves the entry by `complete`, `expire` or `close`, all of them under
/// the connection's lock and each of them removing it, and the code that takes it out resumes it. Debug
/// builds have Swift check that.
struct Waiter: Sendable {
    enum Continuation: Sendable {
        case one(ReplyContinuation<Reply>)
        case many(ReplyContinuation<[Reply]>)
    }

    private let continuation: Continuation
    private let task: TaskReference

    /// To be made by the task itself, before it waits.
    init(_ continuation: Continuation) {
        self.continuation = continuation
        task = continuation.task
    }

    /// Whether the task was cancelled. Only until it goes on: see ``TaskReference``.
    var isCancelled: Bool { task.isCancelled }

    /// Says that it will be resumed soon: see ``TaskReference/prefetch()``.
    func prefetch() { task.prefetch() }

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
    /// The task that waits.
    var task: TaskReference {
        switch self {
        case .one(let continuation): continuation.task
        case .many(let continuation): continuation.task
        }
    }

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
/// An `UnsafeContinuation` is the pointer to the task that it continues (what `swift_continuation_init` of
/// the runtime returns, and a test compares), so that it need not be asked for: `withUnsafeCurrentTask` and
/// `Task.isCancelled` look it up, retain it and release it, two hundred instructions a command. It is kept as
/// a number, for which no references are counted.
struct TaskReference: Hashable, Sendable {
    private let task: UInt

    /// The task that a continuation continues, which is the running one while it is about to wait.
    init<Value>(of continuation: UnsafeContinuation<Value, any Error>) {
        unsafe task = unsafeBitCast(continuation, to: UInt.self)
    }

    /// The running task.
    init(_ task: UnsafeCurrentTask) {
        unsafe self.task = unsafeBitCast(task, to: UInt.self)
    }

    /// Whether it was cancelled. To be asked while it waits, or by itself, and not later.
    var isCancelled: Bool { caches_task_is_cancelled(task) }

    /// Says that it will be resumed soon.
    ///
    /// Of hundreds of tasks that wait, each is in no near cache any more when its turn comes, and to resume
    /// it would begin by waiting for memory: that was a sixth of the time of a get, of 512 tasks on three
    /// nodes.
    func prefetch() { caches_prefetch_task(task) }
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

    /// The task that waits; to be asked by itself, before it does.
    var task: TaskReference {
        #if DEBUG
            // A checked continuation keeps it to itself.
            unsafe withUnsafeCurrentTask { task in
                guard let task = unsafe task else { preconditionFailure("a command is sent by a task") }
                return unsafe TaskReference(task)
            }
        #else
            unsafe TaskReference(of: continuation)
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

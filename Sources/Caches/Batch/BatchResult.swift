import CachesCluster
import CachesTransport

/// The result of one operation of a batch or a transaction: there when it has been carried out.
///
/// ```swift
/// var users: [BatchResult<User?>] = []
/// try await pool.batch { b in for id in ids { users.append(b.get(UserCache(id))) } }
/// let user = try users[0].value
/// ```
///
/// A reply is decoded at the first access: an unused result costs nothing.
public final class BatchResult<Output: Sendable>: Sendable {
    /// Converts the reply.
    @usableFromInline let read: @Sendable (Reply, any ReplySource) throws -> Output

    /// The result while the node is out, if the policy has one.
    @usableFromInline let answerWhenOut: (@Sendable () -> Output)?

    @usableFromInline let outcome: Locked<BatchEnd?>

    /// An operation that is to be carried out.
    @inlinable
    init(_ command: CacheCommand<Output>) {
        read = command.read
        answerWhenOut = command.answerWhenOut
        outcome = Locked(nil)
    }

    /// An operation that has ended without being sent.
    @usableFromInline
    init(ended end: BatchEnd) {
        read = { _, _ in preconditionFailure("what was not sent has no reply") }
        answerWhenOut = nil
        outcome = Locked(end)
    }

    /// The outcome of the operation: its result, or why it failed; a node that fails, fails only its own
    /// keys.
    ///
    /// Before the batch has ended, a failure of code ``CachesError/Code/invalidArgument`` that says so.
    public var result: Result<Output, any Error> { Result { try value } }

    /// The operation's result.
    /// - Throws: The operation's error.
    public var value: Output {
        get throws {
            switch outcome.withLock({ $0 }) {
            case .reply(let reply, let source):
                let output: Output
                do { output = try read(reply, source) } catch {
                    end(.failure(error))
                    throw error
                }
                end(.result(output))
                return output
            case .excused:
                guard let answerWhenOut else {
                    preconditionFailure("an operation is excused if it has an answer")
                }
                return answerWhenOut()
            case .result(let output): return output as! Output
            case .failure(let error): throw error
            case nil:
                throw CachesError(
                    .invalidArgument,
                    "The result of a batched operation was asked for before the batch had ended.",
                    advice: "Return it from the closure, or ask for it after `batch` has returned.")
            }
        }
    }
}

extension BatchResult: BatchOperation {
    @usableFromInline
    func end(_ end: consuming BatchEnd) {
        var end: BatchEnd? = consume end
        outcome.withLock { swap(&$0, &end) }
    }

    @usableFromInline
    func carryOut(_ words: CommandWords, for cache: CacheEntry) async -> (any Error)? {
        let command = CacheCommand(words, answerWhenOut: answerWhenOut, read: read)
        do {
            end(.result(try await cache.run(command)))
            return nil
        } catch {
            end(.failure(error))
            return error
        }
    }
}

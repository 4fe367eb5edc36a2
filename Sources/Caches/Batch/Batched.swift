/// The result of one operation of a batch or a transaction: there when it has been carried out.
///
/// ```swift
/// var users: [Batched<User?>] = []
/// try await pool.batch { b in for id in ids { users.append(b.get(UserCache(id))) } }
/// let user = try users[0].value
/// ```
public final class Batched<Output: Sendable>: Sendable {
    private let outcome = Guarded<Result<Output, any Error>?>(nil)

    init() {}

    /// What came of the operation: its result, or why it failed; a node that fails, fails its own keys alone.
    ///
    /// Before the batch has ended, a failure of code ``CachesError/Code/invalidArgument`` that says so.
    public var result: Result<Output, any Error> {
        outcome.withLock { $0 }
            ?? .failure(
                CachesError(
                    .invalidArgument,
                    "The result of a batched operation was asked for before the batch had ended.",
                    advice: "Return it from the closure, or ask for it after `batch` has returned."))
    }

    /// The operation's result.
    /// - Throws: What the operation failed with.
    public var value: Output { get throws { try result.get() } }

    func fulfil(_ result: Result<Output, any Error>) { outcome.withLock { $0 = result } }
}

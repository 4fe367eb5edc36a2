/// One operation on the key of a cache, to be carried out by itself or together with others.
///
/// Each method of a cache class has its operation, named by what it is doing: ``SetCache/insert(_:ttl:)`` is
/// `inserting(_:ttl:)`.
///
/// ```swift
/// let isNew = try await members.inserting("al").run()      // as members.insert("al")
/// let results = try await pool.batch { b in teams.map { b.add(MembersCache($0).inserting("al")) } }
/// ```
///
/// An operation is always exactly one command. So it is atomic by itself, a batch is a list of operations,
/// and a transaction can hold any of them. Making one does no I/O and never fails: an error in it, such as a
/// value that can't be encoded say, it throws when it is run.
///
/// A class of your own makes operations by ``CacheEntry/operation(_:_:idempotent:whenOut:read:)``.
public struct CacheOperation<Output: Sendable>: Sendable {
    /// The cache whose key it is about.
    public let cache: CacheEntry

    /// The command, or why it can't be made.
    let command: Result<CacheCommand<Output>, any Error>

    /// Carries it out by itself.
    ///
    /// - Throws: The error in the operation; ``CachesError``; `CancellationError` if the task is
    ///   cancelled.
    public func run() async throws -> Output { try await cache.run(self) }

    /// The same operation, its output turned into another.
    public func map<Other: Sendable>(
        _ transform: @escaping @Sendable (Output) -> Other
    ) -> CacheOperation<Other> {
        CacheOperation<Other>(cache: cache, command: command.map { $0.map(transform) })
    }
}

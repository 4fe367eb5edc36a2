/// Operations of any classes, to be sent together: what the closure of ``CachePool/batch(deadline:_:)`` and
/// ``CachePool/transaction(deadline:_:)`` is given.
///
/// It has the operations of the caches under the names that they have there, each with the cache first:
/// `b.set(UserCache("1"), user)`. Nothing is sent before the closure has returned. What is wrong with an
/// operation by itself, a value that can't be encoded say, is its own failure and stops no other.
public struct Batch: ~Copyable {
    @usableFromInline let pool: CachePool

    /// Operations that can be sent.
    @usableFromInline var items: [BatchItem] = []

    /// Why operations failed before they could be sent, with their places among all.
    @usableFromInline var failures: [(position: Int, error: any Error)] = []

    @inlinable var count: Int { items.count + failures.count }

    init(pool: CachePool) { self.pool = pool }

    /// Adds an operation.
    @inlinable
    mutating func add<Output>(
        _ cache: CacheEntry, _ make: () throws -> CacheCommand<Output>
    ) -> BatchResult<Output> {
        do {
            let command = try make()
            let batched = BatchResult(command)
            items.append(try BatchItem(position: count, cache, command.words, batched, on: pool))
            return batched
        } catch {
            failures.append((count, error))
            return BatchResult(ended: .failure(error))
        }
    }

    /// Adds an operation on many items; if there is none, nothing is sent and the result is `empty`.
    mutating func addUnlessEmpty<Output>(
        _ cache: CacheEntry, empty: Output, _ make: () throws -> CacheCommand<Output>
    ) -> BatchResult<Output> {
        let command = Result { try make() }
        guard case .success(let made) = command, !made.hasItems else {
            return add(cache) { try command.get() }
        }
        return BatchResult(ended: .result(empty))
    }
}

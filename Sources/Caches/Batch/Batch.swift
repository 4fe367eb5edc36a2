/// Operations of any classes, to be sent together. The closure of ``CachePool/batch(deadline:_:)`` and
/// ``CachePool/transaction(deadline:_:)`` is given.
///
/// ``add(_:)`` takes any operation; single values have words of their own: `b.get(UserCache("1"))`. Nothing
/// is sent before the closure has returned. What is wrong with an operation by itself, a value that can't be
/// encoded say, is its own failure and stops no other.
public struct Batch: ~Copyable {
    @usableFromInline let pool: CachePool

    /// Operations that can be sent.
    @usableFromInline var items: [BatchItem] = []

    /// Why operations failed before they could be sent, with their places among all.
    @usableFromInline var failures: [(position: Int, error: any Error)] = []

    @inlinable var count: Int { items.count + failures.count }

    init(pool: CachePool) { self.pool = pool }

    /// Adds an operation: `b.add(members.inserting("al"))`.
    @discardableResult
    public mutating func add<Output>(_ operation: CacheOperation<Output>) -> BatchResult<Output> {
        if let output = try? operation.command.get().outputOfNothing {
            return BatchResult(ended: .result(output))
        }
        return add(operation.cache) { try operation.command.get() }
    }

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
}

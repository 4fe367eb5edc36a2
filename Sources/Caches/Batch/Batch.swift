/// Operations of any classes, to be sent together: what the closure of ``CachePool/batch(deadline:_:)`` and
/// ``CachePool/transaction(deadline:_:)`` is given.
///
/// It has the operations of the caches under the names that they have there, each with the cache first:
/// `b.set(UserCache("1"), user)`. Nothing is sent before the closure has returned. What is wrong with an
/// operation by itself, a value that can't be encoded say, is its own failure and stops no other.
public struct Batch: ~Copyable {
    /// One operation, and what to do with its reply.
    struct Item: Sendable {
        let key: KeyBytes
        let route: KeyRoute
        let command: RoutedCommand

        /// Hands the operation its reply, and returns its failure.
        let finish: @Sendable (RoutedReply) -> (any Error)?

        /// Carries the operation out by itself after its node was found to be out, as the cache's policy has it.
        let again: (@Sendable (CachesError) async -> (any Error)?)?
    }

    private let pool: CachePool

    /// Operations that can be sent, with their places among all.
    private(set) var items: [(position: Int, item: Item)] = []

    /// Why operations failed before they could be sent, with their places among all.
    private(set) var failures: [(position: Int, error: any Error)] = []

    private var count: Int { items.count + failures.count }

    init(pool: CachePool) { self.pool = pool }

    /// Adds an operation.
    mutating func add<Output>(
        _ cache: CacheEntry, _ make: () throws -> CacheCommand<Output>
    ) -> Batched<Output> {
        let batched = Batched<Output>()
        do {
            if let own = cache.ownPool, own !== pool { throw Batch.otherPool(cache) }
            let command = try make()
            // The connection would refuse all that is sent together for one.
            try command.checkSizes()
            let key = try cache.key.checked()
            if !command.isRead { cache.noteWrite() }
            let route = try pool.route(of: key, on: cache.connection)
            let finish: @Sendable (Result<Output, any Error>) -> (any Error)? = { result in
                batched.fulfil(result)
                if case .failure(let error) = result { return error } else { return nil }
            }
            let again: @Sendable (CachesError) async -> (any Error)? = { [pool] error in
                await CachePool.$current.withValue(pool) {
                    guard cache.outagePolicy != .fail else { return finish(.failure(error)) }
                    do { return finish(.success(try await cache.run(command))) } catch {
                        return finish(.failure(error))
                    }
                }
            }
            let item = Item(
                key: key, route: route,
                command: RoutedCommand(route, idempotent: command.idempotent) { command.write(key, to: &$0) },
                finish: { [pool] reply in
                    finish(Result { try cache.output(of: command, of: reply, on: pool) })
                },
                again: command.mayBeStoodInFor ? again : nil)
            items.append((count, item))
        } catch {
            batched.fulfil(.failure(error))
            failures.append((count, error))
        }
        return batched
    }

    /// Adds an operation on many items; if there is none, nothing is sent and the result is `empty`.
    mutating func addUnlessEmpty<Output>(
        _ cache: CacheEntry, empty: Output, _ make: () throws -> CacheCommand<Output>
    ) -> Batched<Output> {
        let command = Result { try make() }
        guard case .success(let made) = command, !made.hasItems else {
            return add(cache) { try command.get() }
        }
        let batched = Batched<Output>()
        batched.fulfil(.success(empty))
        return batched
    }

    private static func otherPool(_ cache: CacheEntry) -> CachesError {
        CachesError(
            .invalidArgument, "The cache of the key \(cache.key) belongs to another pool than the batch.",
            advice: "Make the batch on the cache's own pool, or the cache without `on:`.")
    }
}

extension CacheEntry {
    /// What a batched command returns.
    fileprivate final func output<Output>(
        of command: CacheCommand<Output>, of reply: RoutedReply, on pool: CachePool
    ) throws -> Output {
        do {
            let (reply, node) = try reply.get()
            return try command.read(reply.unlessError(from: node), node)
        } catch let error as CachesError {
            return try CachePool.$current.withValue(pool) { try output(of: command, after: error) }
        }
    }
}

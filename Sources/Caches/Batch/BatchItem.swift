/// One operation of a batch, and what to do with its reply: what is the same for operations of all types.
// A class with one subclass of any type, and not closures over that type: each of those would be an allocation, and
// each look at its context a look at types that are known at run time alone.
class BatchItem: @unchecked Sendable {
    // Sendable: every stored property, the subclass's included, is a `let` of a Sendable type.

    /// Its place among all that were asked for.
    final let position: Int

    final let cache: CacheEntry
    final let key: KeyBytes
    final let route: KeyRoute

    /// Whether carrying it out twice does no harm.
    final let idempotent: Bool

    init(position: Int, _ cache: CacheEntry, _ key: KeyBytes, _ route: KeyRoute, idempotent: Bool) {
        self.position = position
        self.cache = cache
        self.key = key
        self.route = route
        self.idempotent = idempotent
    }

    /// The command with a way to its key, for those who send any.
    final func command(on route: KeyRoute) -> RoutedCommand {
        RoutedCommand(route, idempotent: idempotent, write: write)
    }

    /// Writes the command.
    func write(to command: inout CommandWriter) { preconditionFailure("an operation has a type") }

    /// Hands the operation a server's reply, and returns its failure.
    func finish(_ reply: Reply, from node: Node) -> (any Error)? {
        preconditionFailure("an operation has a type")
    }

    /// Hands the operation why there is no reply, and returns its failure: none, if the policy of its cache has an
    /// answer.
    func finish(_ error: any Error) -> (any Error)? { preconditionFailure("an operation has a type") }

    /// Whether there may be another node for it while its own is out.
    var mayBeStoodInFor: Bool { preconditionFailure("an operation has a type") }

    /// Carries the operation out by itself after its node was found to be out, as the cache's policy has it.
    func carryOutAgain(after error: CachesError) async -> (any Error)? {
        preconditionFailure("an operation has a type")
    }
}

/// An operation of one type.
final class BatchOperation<Output: Sendable>: BatchItem, @unchecked Sendable {
    private let operation: CacheCommand<Output>
    private let batched: Batched<Output>
    private let pool: CachePool

    init(
        position: Int, _ cache: CacheEntry, _ operation: CacheCommand<Output>, _ batched: Batched<Output>,
        on pool: CachePool
    ) throws {
        if let own = cache.ownPool, own !== pool { throw Self.otherPool(cache) }
        // The connection would refuse all that is sent together for one.
        try operation.checkSizes()
        let key = try cache.key.checked()
        if !operation.isRead { cache.noteWrite() }
        self.operation = operation
        self.batched = batched
        self.pool = pool
        super.init(
            position: position, cache, key, try pool.route(of: key, on: cache.connection),
            idempotent: operation.idempotent)
    }

    override func write(to command: inout CommandWriter) { operation.write(key, to: &command) }

    override func finish(_ reply: Reply, from node: Node) -> (any Error)? {
        do {
            return fulfil(.success(try operation.read(reply.unlessError(from: node), node)))
        } catch { return finish(error) }
    }

    override func finish(_ error: any Error) -> (any Error)? {
        guard let error = error as? CachesError else { return fulfil(.failure(error)) }
        return fulfil(
            Result {
                try CachePool.$current.withValue(pool) { try cache.output(of: operation, after: error) }
            })
    }

    override var mayBeStoodInFor: Bool { operation.mayBeStoodInFor }

    override func carryOutAgain(after error: CachesError) async -> (any Error)? {
        await CachePool.$current.withValue(pool) {
            guard cache.outagePolicy != .fail else { return fulfil(.failure(error)) }
            do { return fulfil(.success(try await cache.run(operation))) } catch {
                return fulfil(.failure(error))
            }
        }
    }

    private func fulfil(_ result: Result<Output, any Error>) -> (any Error)? {
        batched.fulfil(result)
        if case .failure(let error) = result { return error } else { return nil }
    }

    private static func otherPool(_ cache: CacheEntry) -> CachesError {
        CachesError(
            .invalidArgument, "The cache of the key \(cache.key) belongs to another pool than the batch.",
            advice: "Make the batch on the cache's own pool, or the cache without `on:`.")
    }
}

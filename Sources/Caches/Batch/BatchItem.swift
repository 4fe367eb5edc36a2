import CachesCluster
import CachesTransport

/// One operation of a batch, but for the type of its result.
// A class, since as a value it would be some ten references to be counted, each time that it is looked at.
@usableFromInline
final class BatchItem: Sendable {
    /// Its place among all that were asked for.
    let position: Int

    let cache: CacheEntry
    let route: Route

    /// The weight of its words, without its name.
    let bytes: Int

    private let words: CommandWords
    private let operation: any BatchOperation
    private let pool: CachePool

    @usableFromInline
    init(
        position: Int, _ cache: CacheEntry, _ words: CommandWords, _ operation: any BatchOperation,
        on pool: CachePool
    ) throws(CachesError) {
        if let own = cache.poolOverride, own !== pool { throw Self.otherPool(cache) }
        // The connection would refuse all that is sent together for one.
        bytes = try words.checkSizes()
        try cache.key.check()
        route = try pool.route(of: cache.key.bytes, connection: cache.connection)
        if !words.isRead { cache.noteWrite() }
        self.position = position
        self.cache = cache
        self.words = words
        self.operation = operation
        self.pool = pool
    }

    var key: KeyBytes { cache.key.bytes }

    /// How many commands it is.
    var count: Int { words.count }

    /// Whether carrying it out twice does no harm.
    var isIdempotent: Bool { words.idempotent }

    /// The keys that it writes; nil if it reads.
    var written: Flights.Place? { words.isRead ? nil : Flights.Place(key, on: pool) }

    /// Whether there may be another node for it while its own is out.
    var mayBeStoodInFor: Bool { words.whenOut != .fail }

    /// The error of its key if that is in doubt and sent together with others; nil if it is not in doubt.
    var doubt: CachesError? {
        CachePool.$current.withValue(pool) {
            cache.doubt(at: route)?.error
        }
    }

    /// Writes the command.
    func write(to command: inout CommandWriter) { words.write(cache.key.bytes, to: &command) }

    /// The command with the route of its key.
    func command(on route: Route) -> RoutedCommand {
        RoutedCommand(route, idempotent: isIdempotent, count: count, bytes: bytes, write: write)
    }

    /// Hands the operation a server's reply, and returns its failure.
    func finish(_ reply: Reply, from node: Node) -> (any Error)? {
        if case .error(let error) = reply { return finish(error.error(node: node.name)) }
        operation.end(.reply(reply, node.label))
        return nil
    }

    /// Tells the operation why there is no reply, and returns its failure; nil if the policy of its cache
    /// has an answer.
    func finish(_ error: any Error) -> (any Error)? {
        do {
            guard let error = error as? CachesError else { throw error }
            try CachePool.$current.withValue(pool) { try cache.applyOutagePolicy(to: words, after: error) }
            operation.end(.excused)
            return nil
        } catch {
            operation.end(.failure(error))
            return error
        }
    }

    /// Tells the operation why all that were to be carried out with it failed.
    func fail(_ error: any Error) { operation.end(.failure(error)) }

    /// Carries the operation out by itself after its node was found to be out, as the cache's policy has it.
    func carryOutAgain(after error: CachesError) async -> (any Error)? {
        await CachePool.$current.withValue(pool) {
            guard cache.outagePolicy != .fail else {
                operation.end(.failure(error))
                return error
            }
            return await operation.carryOut(words, for: cache)
        }
    }

    private static func otherPool(_ cache: CacheEntry) -> CachesError {
        CachesError(
            .invalidArgument, "The cache of the key \(cache.key) belongs to another pool than the batch.",
            advice: "Make the batch on the cache's own pool, or the cache without `on:`.")
    }
}

/// How an operation of a batch ended, whatever the type of its result.
@usableFromInline
enum BatchEnd: Sendable {
    /// The server has carried it out.
    case reply(Reply, any ReplySource)
    /// Its node is out, and the policy of its cache has an answer.
    case excused
    /// This is its result.
    case result(any Sendable)
    /// It failed, or could not be sent.
    case failure(any Error)
}

/// An operation that knows the type of its result.
@usableFromInline
protocol BatchOperation: AnyObject, Sendable {
    /// The operation has ended.
    func end(_ end: consuming BatchEnd)

    /// Carries it out by itself, and returns its failure.
    func carryOut(_ words: CommandWords, for cache: CacheEntry) async -> (any Error)?
}

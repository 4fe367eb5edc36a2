import CachesCluster

/// The replies to a read of many keys, not decoded yet. Keys are known by where they stand in the
/// order asked.
// The part that decodes values is inlinable, and compiled for their type; this part is the same for all.
@usableFromInline struct BulkRead: Sendable {
    /// The replies to each `MGET`: a string, or something else that counts as nothing, for each of some keys.
    @usableFromInline private(set) var lists: [(positions: [Int], replies: ReplyArray)] = []

    /// The replies to a `GET` a key, by the servers of clusters: a string, or something else that counts as
    /// nothing.
    @usableFromInline private(set) var pipelines: [(positions: [Int], replies: [Reply])] = []

    /// The replies to keys that were read one by one.
    @usableFromInline private(set) var others: [(position: Int, bytes: Bytes)] = []

    /// The errors with their keys, in any order.
    @usableFromInline private(set) var failures: [(position: Int, error: any Error)] = []

    /// The keys whose node is out and may have another that stands in.
    @usableFromInline private(set) var retries: [Int] = []

    private let policy: OutagePolicy

    /// Asks the nodes of all keys at once.
    @usableFromInline
    init(
        _ keys: [CacheKey], on pool: CachePool, _ connection: ConnectionName, deadline: Duration?,
        outagePolicy: OutagePolicy
    ) async {
        policy = outagePolicy
        let portions = Portions(keys, on: pool, connection, policy: policy)
        for (position, error) in portions.refusals { note(error, at: position) }
        let answers = await portions.send("MGET", deadline: deadline) { reply, portion in
            try reply.requireArray(of: portion.positions.count, from: portion.node)
        }
        for (portion, replies) in answers {
            switch replies {
            case .success(let replies): lists.append((portion.positions, replies))
            case .failure(let error):
                for position in portion.positions { note(error, at: position) }
            }
        }
        for (portion, result) in await portions.sendToClusters("GET", deadline: deadline) {
            switch result {
            case .success(let replies):
                pipelines.append((portion.positions, replies))
                for (position, reply) in zip(portion.positions, replies) {
                    if case .error(let error) = reply { note(error, of: portion.node, at: position) }
                }
            case .failure(let error):
                for (place, position) in portion.positions.enumerated() {
                    take(error.result(at: place).map { ($0, portion.node) }, at: position)
                }
            }
        }
        for (position, result) in await portions.sendSingles("GET", deadline: deadline) {
            take(result, at: position)
        }
    }

    private mutating func take(_ result: RoutedReply, at position: Int) {
        switch result {
        case .success(let (reply, node)): take(reply, node, at: position)
        case .failure(let error): note(error, at: position)
        }
    }

    private mutating func take(_ reply: Reply, _ node: Node, at position: Int) {
        switch reply {
        case .string(let bytes): others.append((position, bytes))
        case .error(let error): note(error, of: node, at: position)
        default: break
        }
    }

    private mutating func note(_ error: ServerError, of node: Node, at position: Int) {
        // To GET, unlike MGET, something else than a single value is an error.
        if error.name != "WRONGTYPE" { note(error.error(node: node.name), at: position) }
    }

    /// Does as the policy says.
    private mutating func note(_ error: any Error, at position: Int) {
        guard let error = error as? CachesError, error.isOutage else {
            return failures.append((position, error))
        }
        if policy == .miss {
            CacheCounters.countMissed()
        } else if policy.gutterTTL != nil, error.leavesTime {
            retries.append(position)
        } else {
            failures.append((position, error))
        }
    }
}

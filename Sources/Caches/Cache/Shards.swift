/// Many keys, split by the node that owns each. Those of clusters get a command each, in one go a node, and those that
/// are on their way to another node are kept apart.
struct Shards {
    /// The keys of one node, by where each stands in the order asked.
    struct Shard: Sendable {
        let node: Node
        var positions: [Int] = []
        fileprivate let allKeys: [CacheKey]

        var keys: [CacheKey] { positions.map { allKeys[$0] } }

        fileprivate mutating func append(_ position: Int) {
            if positions.isEmpty { positions.reserveCapacity(min(allKeys.count, Shards.usualCount)) }
            positions.append(position)
        }
    }

    /// A key on its way.
    private struct Single {
        let key: KeyBytes
        let route: KeyRoute
        let position: Int
    }

    private var shards: [Shard] = []

    /// Of clusters: a server of one takes keys of one slot together, and a hundred keys are on as many slots.
    private var shardsOfClusters: [Shard] = []

    private var singles: [Single] = []

    /// The keys that can't be sent, in the order asked: the place of each, and why.
    private(set) var refusals: [(position: Int, error: CachesError)] = []

    /// So many positions have room in a shard from the start.
    fileprivate static let usualCount = 64

    init(_ keys: [CacheKey], on pool: CachePool, _ connection: ConnectionName) {
        do throws(CachesError) {
            try split(keys, by: pool.routing(on: connection))
        } catch {
            refusals = keys.indices.map { ($0, error) }
        }
    }

    private mutating func split(_ keys: [CacheKey], by routing: Routing) {
        guard let spread = routing.spread else {
            for position in keys.indices { append(position, keys, by: routing) }
            return
        }
        var found = spread.nodes.map { Shard(node: $0, allKeys: keys) }
        // A span lends its elements, which an array copies.
        let span = keys.span
        for position in keys.indices {
            if span[position].isWithinLimits, let index = spread.index(of: span[position].bytes) {
                found[index].append(position)
            } else {
                append(position, keys, by: routing)
            }
        }
        found.removeAll { $0.positions.isEmpty }
        if spread.isOfCluster { shardsOfClusters += found } else { shards += found }
    }

    private mutating func append(_ position: Int, _ keys: [CacheKey], by routing: Routing) {
        do throws(CachesError) {
            let key = try keys[position].checked()
            let route = try routing.route(of: key)
            if route.move != nil {
                singles.append(Single(key: key, route: route, position: position))
            } else if route.node.isOfCluster {
                shardsOfClusters.append(position, of: route.node, keys)
            } else {
                shards.append(position, of: route.node, keys)
            }
        } catch {
            refusals.append((position, error))
        }
    }

    /// Sends each shard one command on all its keys, all at once, and waits for all of them.
    ///
    /// - Parameters:
    ///   - name: A command that takes any number of keys, and that may be carried out twice.
    ///   - read: What the reply means.
    func send<Output: Sendable>(
        _ name: StaticString, deadline: Duration?,
        read: @escaping @Sendable (Reply, Shard) throws -> Output
    ) async -> [(shard: Shard, result: Result<Output, any Error>)] {
        await shards.sendAll { await $0.send(name, deadline: deadline, read: read) }
    }

    /// Sends each shard of a cluster a command on each of its keys, all at once, and waits for all of them.
    ///
    /// - Parameter name: A command that takes one key, and that may be carried out twice.
    /// - Returns: For each shard a reply a key; an error that a server answers is its key's reply.
    func sendToClusters(
        _ name: StaticString, deadline: Duration?
    ) async -> [(shard: Shard, result: Result<[Reply], any Error>)] {
        await shardsOfClusters.sendAll { await $0.sendEach(name, deadline: deadline) }
    }
}

extension [Shards.Shard] {
    /// Adds a key to its node's shard.
    fileprivate mutating func append(_ position: Int, of node: Node, _ keys: [CacheKey]) {
        // From the front: for a few dozen nodes that is no slower than hashing.
        let index = firstIndex { $0.node === node } ?? count
        if index == count { append(Shards.Shard(node: node, allKeys: keys)) }
        self[index].append(position)
    }

    fileprivate func sendAll<Output: Sendable>(
        _ send: @escaping @Sendable (Shards.Shard) async -> Result<Output, any Error>
    ) async -> [(shard: Shards.Shard, result: Result<Output, any Error>)] {
        guard let first else { return [] }
        // The first shard is the caller's own work: with a single node there is no task to make at all.
        return await withTaskGroup { group in
            for shard in dropFirst() { group.addTask { (shard, await send(shard)) } }
            var all = [(first, await send(first))]
            for await result in group { all.append(result) }
            return all
        }
    }
}

extension Shards {
    /// Sends a command on each key that is on its way, each node's in one go and all nodes' at once, and waits for all
    /// of them.
    ///
    /// - Parameter name: A command that takes one key, and that may be carried out twice.
    /// - Returns: For each such key its place in the order asked, and what came of it.
    func sendSingles(
        _ name: StaticString, deadline: Duration?
    ) async -> [(position: Int, result: RoutedReply)] {
        guard !singles.isEmpty else { return [] }
        let commands = singles.map { single in
            RoutedCommand(single.route, idempotent: true) { $0.write(name, single.key) }
        }
        let replies = await commands.carryOut(deadline: deadline)
        return zip(singles, replies).map { ($0.position, $1) }
    }
}

extension Shards.Shard {
    fileprivate func send<Output>(
        _ name: StaticString, deadline: Duration?, read: (Reply, Self) throws -> Output
    ) async -> Result<Output, any Error> {
        do {
            let reply = try await node.send(idempotent: true, deadline: node.deadline(deadline)) { command in
                command.begin(positions.count + 1)
                command.argument(name)
                let keys = allKeys.span
                for position in positions { command.argument(keys[position].bytes) }
            }
            return .success(try read(reply, self))
        } catch {
            return .failure(error)
        }
    }

    fileprivate func sendEach(_ name: StaticString, deadline: Duration?) async -> Result<[Reply], any Error> {
        do {
            return .success(
                try await node.pipeline(
                    positions.count, idempotent: true, forKey: true, deadline: node.deadline(deadline)
                ) { command in
                    let keys = allKeys.span
                    for position in positions { command.write(name, keys[position].bytes) }
                })
        } catch {
            return .failure(error)
        }
    }
}

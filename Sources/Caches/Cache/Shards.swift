/// Many keys, split by the node that owns each.
struct Shards {
    /// The keys of one node, and where each stands in the order asked.
    struct Shard: Sendable {
        let node: Node
        var keys: [String] = []
        var positions: [Int] = []
    }

    private let pool: CachePool
    private let connection: ConnectionName
    private var shards: [Shard] = []
    private var indices: [ObjectIdentifier: Int] = [:]

    /// For every key so far, in the order asked: why it can't be sent, or nil if it can.
    private(set) var refusals: [CachesError?] = []

    init(pool: CachePool, connection: ConnectionName) {
        self.pool = pool
        self.connection = connection
    }

    /// Adds a key to the shard of the node that owns it.
    mutating func add(_ key: CacheKey) {
        do throws(CachesError) {
            let text = try key.checked()
            let node = try pool.node(for: text, on: connection)
            let index = indices[ObjectIdentifier(node)] ?? append(Shard(node: node))
            shards[index].keys.append(text)
            shards[index].positions.append(refusals.count)
            refusals.append(nil)
        } catch {
            refusals.append(error)
        }
    }

    private mutating func append(_ shard: Shard) -> Int {
        shards.append(shard)
        indices[ObjectIdentifier(shard.node)] = shards.count - 1
        return shards.count - 1
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
        guard let first = shards.first else { return [] }
        // The first shard is the caller's own work: with a single node there is no task to make at all.
        return await withTaskGroup { group in
            for shard in shards.dropFirst() {
                group.addTask { (shard, await shard.send(name, deadline: deadline, read: read)) }
            }
            var all = [(first, await first.send(name, deadline: deadline, read: read))]
            for await result in group { all.append(result) }
            return all
        }
    }
}

extension Shards.Shard {
    fileprivate func send<Output>(
        _ name: StaticString, deadline: Duration?, read: (Reply, Self) throws -> Output
    ) async -> Result<Output, any Error> {
        do {
            let reply = try await node.send(idempotent: true, deadline: node.deadline(deadline)) { command in
                command.begin(keys.count + 1)
                command.argument(name)
                for key in keys { command.argument(key) }
            }
            return .success(try read(reply, self))
        } catch {
            return .failure(error)
        }
    }
}

/// Many keys, split by the node that owns each. Those of clusters get a command each, in one go a node, and those that
/// are on their way to another node are kept apart.
struct Shards {
    /// A key on its way.
    private struct Single {
        let route: KeyRoute
        let position: Int
    }

    let keys: [CacheKey]

    /// Of servers, which take any keys together.
    private var shares: [NodeShare] = []

    /// Of clusters: a server of one takes keys of one slot together, and a hundred keys are on as many slots.
    private var sharesOfClusters: [NodeShare] = []

    private var singles: [Single] = []

    /// The keys that can't be sent, in the order asked: the place of each, and why.
    private(set) var refusals: [(position: Int, error: CachesError)] = []

    init(_ keys: [CacheKey], on pool: CachePool, _ connection: ConnectionName) {
        self.keys = keys
        do throws(CachesError) {
            try split(by: pool.routing(on: connection))
        } catch {
            refusals = keys.indices.map { ($0, error) }
        }
    }

    private mutating func split(by routing: Routing) {
        guard let spread = routing.spread else {
            for position in keys.indices { append(position, by: routing) }
            return
        }
        var found = spread.nodes.map { NodeShare(of: $0) }
        for position in keys.indices {
            if let index = index(of: position, in: spread) {
                found[index].append(position)
            } else {
                append(position, by: routing)
            }
        }
        found.removeAll { $0.positions.isEmpty }
        if spread.isOfCluster { sharesOfClusters += found } else { shares += found }
    }

    /// Which of the nodes a key is on, if it is a key and its node is known.
    private func index(of position: Int, in spread: KeySpread) -> Int? {
        // A span lends its elements, which an array copies.
        let keys = keys.span
        return keys[position].isWithinLimits ? spread.index(of: keys[position].bytes) : nil
    }

    private mutating func append(_ position: Int, by routing: Routing) {
        do throws(CachesError) {
            let key = try keys[position].checked()
            let route = try routing.route(of: key)
            if route.move != nil {
                singles.append(Single(route: route, position: position))
            } else if route.node.isOfCluster {
                sharesOfClusters.append(position, of: route.node)
            } else {
                shares.append(position, of: route.node)
            }
        } catch {
            refusals.append((position, error))
        }
    }

    /// Sends each server one command on all its keys, all at once, and waits for all of them.
    ///
    /// - Parameters:
    ///   - name: A command that takes any number of keys, and that may be carried out twice.
    ///   - read: What the reply means.
    func send<Output: Sendable>(
        _ name: StaticString, deadline: Duration?,
        read: @escaping @Sendable (Reply, NodeShare) throws -> Output
    ) async -> [(share: NodeShare, output: Result<Output, any Error>)] {
        let keys = keys
        return await shares.concurrently { share in
            do {
                let deadline = share.node.deadline(deadline)
                let reply = try await share.node.send(idempotent: true, deadline: deadline) { command in
                    command.begin(share.positions.count + 1)
                    command.argument(name)
                    let keys = keys.span
                    for position in share.positions { command.argument(keys[position].bytes) }
                }
                return .success(try read(reply, share))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Sends each server of a cluster a command on each of its keys, all at once, and waits for all of them.
    ///
    /// - Parameter name: A command that takes one key, and that may be carried out twice.
    /// - Returns: For each server a reply a key; an error that it answers is its key's reply. A failure has a result for
    ///   each key, too: ``Swift/Result/result(at:)``.
    func sendToClusters(
        _ name: StaticString, deadline: Duration?
    ) async -> [(share: NodeShare, output: Result<[Reply], any Error>)] {
        await send(to: sharesOfClusters, deadline: deadline) { [keys] positions, command in
            let keys = keys.span
            for position in positions { command.write(name, keys[position].bytes) }
        }
    }

    /// Sends each node a command on each of its keys, all at once, and waits for all of them.
    ///
    /// - Parameter write: Writes the command on the key at a position. It may be carried out twice.
    /// - Returns: As ``sendToClusters(_:deadline:)``.
    func sendEach(
        deadline: Duration?, _ write: @escaping @Sendable (Int, inout CommandWriter) -> Void
    ) async -> [(share: NodeShare, output: Result<[Reply], any Error>)] {
        await send(to: shares + sharesOfClusters, deadline: deadline) { positions, command in
            for position in positions { write(position, &command) }
        }
    }

    private func send(
        to shares: [NodeShare], deadline: Duration?,
        _ write: @escaping @Sendable (ArraySlice<Int>, inout CommandWriter) -> Void
    ) async -> [(share: NodeShare, output: Result<[Reply], any Error>)] {
        await shares.concurrently { share in
            let deadline = share.node.deadline(deadline)
            var (replies, failures): ([Reply], [Int: CachesError]) = ([], [:])
            for some in share.portions {
                do {
                    let more = try await share.node.pipelineEach(
                        some.count, idempotent: true, deadline: deadline
                    ) { write(some, &$0) }
                    // As a rule there is but one portion, and nothing is copied.
                    if replies.isEmpty { replies = more } else { replies += more }
                } catch let partial as PartialFailure {
                    for (place, error) in partial.failures { failures[replies.count + place] = error }
                    replies += partial.replies
                } catch {
                    return .failure(error)
                }
            }
            guard failures.isEmpty else {
                return .failure(PartialFailure(replies: replies, failures: failures))
            }
            return .success(replies)
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
        await sendSingles(deadline: deadline) { [keys] in $1.write(name, keys[$0].bytes) }
    }

    /// As ``sendSingles(_:deadline:)``, a command that is written as for ``sendEach(deadline:_:)``.
    func sendSingles(
        deadline: Duration?, _ write: @escaping @Sendable (Int, inout CommandWriter) -> Void
    ) async -> [(position: Int, result: RoutedReply)] {
        guard !singles.isEmpty else { return [] }
        let commands = singles.map { single in
            RoutedCommand(single.route, idempotent: true) { write(single.position, &$0) }
        }
        let replies = await commands.carryOut(deadline: deadline)
        return zip(singles, replies).map { ($0.position, $1) }
    }
}

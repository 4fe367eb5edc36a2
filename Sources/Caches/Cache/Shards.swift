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

    /// The keys that can't be sent together, in the order asked: the place of each, and why. Those in doubt are among
    /// them, as an outage: each is then asked for by itself.
    private(set) var refusals: [(position: Int, error: CachesError)] = []

    /// - Parameter policy: What calls do while a node is out.
    init(_ keys: [CacheKey], on pool: CachePool, _ connection: ConnectionName, policy: OutagePolicy) {
        self.keys = keys
        do throws(CachesError) {
            try split(by: pool.routing(on: connection)) { key, node in
                policy == .fail ? nil : pool.doubt(about: key.text, on: connection, owner: node)
            }
        } catch {
            refusals = keys.indices.map { ($0, error) }
        }
    }

    private typealias Doubt = (KeyBytes, Node) -> DoubtfulKey?

    private mutating func split(by routing: Routing, doubt: Doubt) {
        guard let spread = routing.spread, !spread.nodes.contains(where: \.isInDoubt) else {
            for position in keys.indices { append(position, by: routing, doubt: doubt) }
            return
        }
        var found = spread.nodes.map { NodeShare(of: $0) }
        for position in keys.indices {
            if let index = index(of: position, in: spread) {
                found[index].append(position)
            } else {
                append(position, by: routing, doubt: doubt)
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

    private mutating func append(_ position: Int, by routing: Routing, doubt: Doubt) {
        do throws(CachesError) {
            let key = try keys[position].checked()
            let route = try routing.route(of: key)
            if route.node.isInDoubt, route.move == nil, let doubt = doubt(key, route.node) {
                refusals.append((position, doubt.error))
            } else if route.move != nil {
                singles.append(Single(route: route, position: position))
            } else if route.node.hasSlots {
                sharesOfClusters.append(position, of: route.node)
            } else {
                shares.append(position, of: route.node)
            }
        } catch {
            refusals.append((position, error))
        }
    }

    /// Sends each server a command on all its keys, all at once, and waits for all of them. Of many keys, or of large
    /// values, each command has as many as leave room for other calls, two at a time.
    ///
    /// - Parameters:
    ///   - name: A command that takes any number of keys, and that may be carried out twice.
    ///   - read: What the reply means.
    /// - Returns: What came of each command, with the keys that it had.
    func send<Output: Sendable>(
        _ name: StaticString, deadline: Duration?,
        read: @escaping @Sendable (Reply, NodeShare) throws -> Output
    ) async -> [(share: NodeShare, output: Result<Output, any Error>)] {
        let keys = keys
        guard shares.allSatisfy(\.fitsOneCommand) else {
            return await shares.concurrently { share in
                let deadline = share.node.deadline(deadline)
                return await share.inPieces(of: .keys, deadline: deadline, bytes: { keys[$0].bytes.count }) {
                    let reply = try await Self.send(name, keys, $0, deadline)
                    return (try read(reply, $0), reply.array?.weight)
                }
            }.flatMap(\.output)
        }
        return await shares.concurrently { share in
            do {
                let reply = try await Self.send(name, keys, share, share.node.deadline(deadline))
                if case .array(let values) = reply { share.note(replyBytes: values.weight) }
                return .success(try read(reply, share))
            } catch {
                return .failure(error)
            }
        }
    }

    @inline(__always)
    private static func send(
        _ name: StaticString, _ keys: [CacheKey], _ share: NodeShare, _ deadline: Deadline
    ) async throws -> Reply {
        try await share.node.send(idempotent: true, deadline: deadline) { command in
            command.begin(share.positions.count + 1)
            command.argument(name)
            let keys = keys.span
            for position in share.positions { command.argument(keys[position].bytes) }
        }
    }

    /// Sends each server of a cluster a command on each of its keys, all at once, and waits for all of them.
    ///
    /// - Parameter name: A command that takes one key, and that may be carried out twice.
    /// - Returns: For each server, or each part of its share, a reply a key; an error that it answers is its key's
    ///   reply. A failure has a result for each key, too: ``Swift/Result/result(at:)``.
    func sendToClusters(
        _ name: StaticString, deadline: Duration?
    ) async -> [(share: NodeShare, output: Result<[Reply], any Error>)] {
        let keys = keys
        return await send(
            to: sharesOfClusters, .keysByThemselves, bytes: 0, deadline: deadline,
            size: { keys[$0].bytes.count }
        ) { positions, command in
            let keys = keys.span
            for position in positions { command.write(name, keys[position].bytes) }
        }
    }

    /// Sends each node a command on each of its keys, all at once, and waits for all of them.
    ///
    /// - Parameters:
    ///   - bytes: What all commands weigh together.
    ///   - size: What the command on the key at a position weighs.
    ///   - write: Writes the command on the key at a position. It may be carried out twice.
    /// - Returns: As ``sendToClusters(_:deadline:)``.
    func sendEach(
        bytes: Int, deadline: Duration?, size: @escaping @Sendable (Int) -> Int,
        _ write: @escaping @Sendable (Int, inout CommandWriter) -> Void
    ) async -> [(share: NodeShare, output: Result<[Reply], any Error>)] {
        await send(
            to: shares + sharesOfClusters, .commands, bytes: bytes, deadline: deadline, size: size
        ) { positions, command in
            for position in positions { write(position, &command) }
        }
    }

    /// - Parameter bytes: What all commands weigh together, 0 if each is small.
    private func send(
        to shares: [NodeShare], _ form: NodeShare.Form, bytes: Int, deadline: Duration?,
        size: @escaping @Sendable (Int) -> Int,
        _ write: @escaping @Sendable ([Int], inout CommandWriter) -> Void
    ) async -> [(share: NodeShare, output: Result<[Reply], any Error>)] {
        guard shares.allSatisfy({ $0.fitsOnePiece(of: form, bytes: bytes) }) else {
            return await shares.concurrently { share in
                let deadline = share.node.deadline(deadline)
                return await share.inPieces(of: form, deadline: deadline, bytes: size) { piece in
                    let replies = try await Self.send(piece, deadline, write)
                    return (replies, replies.weight)
                }
            }.flatMap(\.output)
        }
        return await shares.concurrently { share in
            do {
                let replies = try await Self.send(share, share.node.deadline(deadline), write)
                if form == .keysByThemselves { share.note(replyBytes: replies.weight) }
                return .success(replies)
            } catch {
                return .failure(error)
            }
        }
    }

    @inline(__always)
    private static func send(
        _ share: NodeShare, _ deadline: Deadline, _ write: ([Int], inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        try await share.node.pipelineEach(share.positions.count, idempotent: true, deadline: deadline) {
            write(share.positions, &$0)
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
        await sendSingles(deadline: deadline, size: { [keys] in keys[$0].bytes.count }) { [keys] in
            $1.write(name, keys[$0].bytes)
        }
    }

    /// As ``sendSingles(_:deadline:)``, a command that is written as for ``sendEach(bytes:deadline:size:_:)``.
    func sendSingles(
        deadline: Duration?, size: (Int) -> Int,
        _ write: @escaping @Sendable (Int, inout CommandWriter) -> Void
    ) async -> [(position: Int, result: RoutedReply)] {
        guard !singles.isEmpty else { return [] }
        let commands = singles.map { single in
            RoutedCommand(single.route, idempotent: true, bytes: size(single.position)) {
                write(single.position, &$0)
            }
        }
        let replies = await commands.carryOut(deadline: deadline)
        return zip(singles, replies).map { ($0.position, $1) }
    }
}

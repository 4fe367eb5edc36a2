import CachesCluster
import CachesTransport

/// Many keys, split by the node that owns each. Those of clusters get a command each, sent together per node,
/// and those that are on their way to another node are kept apart.
struct Portions {
    /// A key on its way.
    private struct Single {
        let route: Route
        let position: Int
    }

    let keys: [CacheKey]

    /// Of servers, which take any keys together.
    private var portions: [Portion] = []

    /// Of clusters: a server of one takes keys of one slot together, and a hundred keys are on as many slots.
    private var portionsOfClusters: [Portion] = []

    private var singles: [Single] = []

    /// The keys that can't be sent together, in the order asked: the place of each, and why. Those in doubt
    /// are among them, as an outage: each is then asked for by itself.
    private(set) var refusals: [(position: Int, error: CachesError)] = []

    /// - Parameter policy: The policy of calls while a node is out.
    init(_ keys: [CacheKey], on pool: CachePool, _ connection: ConnectionName, policy: OutagePolicy) {
        self.keys = keys
        do throws(CachesError) {
            try split(by: pool.routing(connection: connection)) { key, node in
                policy == .fail ? nil : pool.doubt(about: key.text, connection: connection, owner: node)
            }
        } catch {
            refusals = keys.indices.map { ($0, error) }
        }
    }

    private typealias Doubt = (KeyBytes, Node) -> DoubtfulKey?

    private mutating func split(by routing: Routing, doubt: Doubt) {
        guard let snapshot = routing.snapshot, !snapshot.nodes.contains(where: \.isInDoubt) else {
            for position in keys.indices { append(position, by: routing, doubt: doubt) }
            return
        }
        var found = snapshot.nodes.map { Portion(of: $0) }
        for position in keys.indices {
            if let index = index(of: position, in: snapshot) {
                found[index].append(position)
            } else {
                append(position, by: routing, doubt: doubt)
            }
        }
        found.removeAll { $0.positions.isEmpty }
        if snapshot.isOfCluster { portionsOfClusters += found } else { portions += found }
    }

    /// Which of the nodes a key is on, if it is a key and its node is known.
    private func index(of position: Int, in snapshot: RingSnapshot) -> Int? {
        // A span lends its elements, which an array copies.
        let keys = keys.span
        return keys[position].isWithinLimits ? snapshot.index(of: keys[position].bytes) : nil
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
                portionsOfClusters.append(position, of: route.node)
            } else {
                portions.append(position, of: route.node)
            }
        } catch {
            refusals.append((position, error))
        }
    }

    /// Sends each server a command on all its keys, all at once, and waits for all of them. Of many keys, or
    /// of large values, each command has as many as leave room for other calls, two at a time.
    ///
    /// - Parameters:
    ///   - name: A command that takes any number of keys, and that may be carried out twice.
    ///   - read: Converts the reply.
    /// - Returns: The outcome of each command, with the keys that it had.
    func send<Output: Sendable>(
        _ name: StaticString, deadline: Duration?,
        read: @escaping @Sendable (Reply, Portion) throws -> Output
    ) async -> [(portion: Portion, output: Result<Output, any Error>)] {
        let keys = keys
        guard portions.allSatisfy(\.fitsOneCommand) else {
            return await portions.concurrently { portion in
                let deadline = portion.node.deadline(deadline)
                return await portion.inPieces(of: .keys, deadline: deadline, bytes: { keys[$0].bytes.count })
                {
                    let reply = try await Self.send(name, keys, $0, deadline)
                    return (try read(reply, $0), reply.array?.weight)
                }
            }.flatMap(\.output)
        }
        return await portions.concurrently { portion in
            do {
                let reply = try await Self.send(name, keys, portion, portion.node.deadline(deadline))
                if case .array(let values) = reply { portion.note(replyBytes: values.weight) }
                return .success(try read(reply, portion))
            } catch {
                return .failure(error)
            }
        }
    }

    @inline(__always)
    private static func send(
        _ name: StaticString, _ keys: [CacheKey], _ portion: Portion, _ deadline: Deadline
    ) async throws -> Reply {
        try await portion.node.send(idempotent: true, deadline: deadline) { command in
            command.begin(portion.positions.count + 1)
            command.argument(name)
            let keys = keys.span
            for position in portion.positions { command.argument(keys[position].bytes) }
        }
    }

    /// Sends each server of a cluster a command on each of its keys, all at once, and waits for all of them.
    ///
    /// - Parameter name: A command that takes one key, and that may be carried out twice.
    /// - Returns: For each server, or each part of its portion, a reply a key; an error that it answers is
    ///   its key's reply. A failure has a result for each key, too: ``Swift/Result/result(at:)``.
    func sendToClusters(
        _ name: StaticString, deadline: Duration?
    ) async -> [(portion: Portion, output: Result<[Reply], any Error>)] {
        let keys = keys
        return await send(
            to: portionsOfClusters, .keysByThemselves, bytes: 0, deadline: deadline,
            size: { keys[$0].bytes.count }
        ) { positions, command in
            let keys = keys.span
            for position in positions { command.write(name, keys[position].bytes) }
        }
    }

    /// Sends each node a command on each of its keys, all at once, and waits for all of them.
    ///
    /// - Parameters:
    ///   - bytes: The size of all commands together.
    ///   - size: The size of the command on the key at a position.
    ///   - write: Writes the command on the key at a position. It may be carried out twice.
    /// - Returns: As ``sendToClusters(_:deadline:)``.
    func sendEach(
        bytes: Int, deadline: Duration?, size: @escaping @Sendable (Int) -> Int,
        _ write: @escaping @Sendable (Int, inout CommandWriter) -> Void
    ) async -> [(portion: Portion, output: Result<[Reply], any Error>)] {
        await send(
            to: portions + portionsOfClusters, .commands, bytes: bytes, deadline: deadline, size: size
        ) { positions, command in
            for position in positions { write(position, &command) }
        }
    }

    /// - Parameter bytes: The size of all commands together, 0 if each is small.
    private func send(
        to portions: [Portion], _ form: Portion.Form, bytes: Int, deadline: Duration?,
        size: @escaping @Sendable (Int) -> Int,
        _ write: @escaping @Sendable ([Int], inout CommandWriter) -> Void
    ) async -> [(portion: Portion, output: Result<[Reply], any Error>)] {
        guard portions.allSatisfy({ $0.fitsOnePiece(of: form, bytes: bytes) }) else {
            return await portions.concurrently { portion in
                let deadline = portion.node.deadline(deadline)
                return await portion.inPieces(of: form, deadline: deadline, bytes: size) { piece in
                    let replies = try await Self.send(piece, deadline, write)
                    return (replies, replies.weight)
                }
            }.flatMap(\.output)
        }
        return await portions.concurrently { portion in
            do {
                let replies = try await Self.send(portion, portion.node.deadline(deadline), write)
                if form == .keysByThemselves { portion.note(replyBytes: replies.weight) }
                return .success(replies)
            } catch {
                return .failure(error)
            }
        }
    }

    @inline(__always)
    private static func send(
        _ portion: Portion, _ deadline: Deadline, _ write: ([Int], inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        let call = Node.Call(portion.positions.count, idempotent: true, forKey: true, deadline: deadline)
        return try await portion.node.carryOutEach(call) { write(portion.positions, &$0) }.replies
    }
}

extension Portions {
    /// Sends a command on each key that is on its way, each node's together and all nodes' at once, and
    /// waits for all of them.
    ///
    /// - Parameter name: A command that takes one key, and that may be carried out twice.
    /// - Returns: For each such key its place in the order asked, and its result.
    func sendSingles(
        _ name: StaticString, deadline: Duration?
    ) async -> [(position: Int, result: RoutedReply)] {
        await sendSingles(deadline: deadline, size: { [keys] in keys[$0].bytes.count }) { [keys] in
            $1.write(name, keys[$0].bytes)
        }
    }

    /// As ``sendSingles(_:deadline:)``, a command that is written as for
    /// ``sendEach(bytes:deadline:size:_:)``.
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

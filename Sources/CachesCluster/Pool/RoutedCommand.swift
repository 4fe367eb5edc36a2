package import CachesTransport

/// An operation on one key, with the way to the key: one of many that are sent together. It is one command,
/// or two: then the first is on a companion of the key.
package struct RoutedCommand: Sendable {
    let route: Route
    let idempotent: Bool

    /// The number of commands.
    let count: Int

    /// The size, except for a few bytes.
    let bytes: Int
    let write: @Sendable (inout CommandWriter) -> Void

    package init(
        _ route: Route, idempotent: Bool, count: Int = 1, bytes: Int,
        write: @escaping @Sendable (inout CommandWriter) -> Void
    ) {
        self.route = route
        self.idempotent = idempotent
        self.count = count
        self.bytes = bytes
        self.write = write
    }
}

/// The outcome of a command: its reply and the node that gave it.
package typealias RoutedReply = Result<(reply: Reply, node: Node), any Error>

extension [RoutedCommand] {
    /// The total size.
    fileprivate var bytes: Int { reduce(0) { $0 + $1.bytes } }

    /// Carries out commands on any keys: at all nodes at once, at each node in order; together, or in pieces
    /// if they are many or large.
    ///
    /// - Parameter deadline: How long it may take. nil: the deadline of each node, or of the pool.
    /// - Returns: One result per command, in order; an error that a server answers is its command's reply.
    package func carryOut(deadline: Duration?) async -> [RoutedReply] {
        let commands = self
        let portions = [Portion](of: [Int](indices)) { commands[$0].route.node }
        let answers = await portions.concurrently { portion in
            await portion.node.carryOut(
                portion.positions.map { commands[$0] }, deadline: portion.node.deadline(deadline))
        }
        var results = [RoutedReply](repeating: .failure(CancellationError()), count: commands.count)
        for (portion, replies) in answers {
            for (position, reply) in zip(portion.positions, replies) { results[position] = reply }
        }
        return results
    }
}

extension Node {
    /// Carries out commands on keys that it owns, in order: all sent at once, or in pieces if they are many
    /// or large.
    ///
    /// Keys that are moving to this node are moved first; commands on keys that have moved away are then
    /// carried out at their new nodes.
    ///
    /// - Returns: One result per command, in order; an error that a server answers is its command's reply.
    package func carryOut(_ commands: [RoutedCommand], deadline: Deadline) async -> [RoutedReply] {
        // A command with its guard is several commands.
        let most = max(1, bulk.limits.pieceCommands / (1 + GuardedExchange.overhead))
        var size = PieceSize(bulk.limits, first: BulkLimits.mostKeysAtFirst, most: most)
        var results: [RoutedReply] = []
        while results.count < commands.count {
            let piece = commands[
                results.count..<results.count + size.cut(commands[results.count...]) { $0.bytes }.count]
            let some = await carryOutPiece(Array(piece), deadline)
            size.note(
                count: some.count, replyBytes: some.reduce(0) { $0 + ((try? $1.get().reply.weight) ?? 0) })
            results += some
        }
        return results
    }

    private func carryOutPiece(_ commands: [RoutedCommand], _ deadline: Deadline) async -> [RoutedReply] {
        guard commands.contains(where: { $0.route.move != nil }) else {
            return await sendDirect(commands, deadline)
        }
        let arriving = commands.indices.filter { commands[$0].route.move?.isAnnounced == false }
        let arrivals = await arriving.compactMap { commands[$0].route.move }.arrive(deadline: deadline)
        let failed = Dictionary(
            uniqueKeysWithValues: zip(arriving, arrivals).compactMap { index, arrival in
                arrival.failure.map { (index, $0) }
            })
        let ready = commands.indices.filter { failed[$0] == nil }
        let outcomes = await sendDuringHandOver(ready.map { commands[$0] }, deadline)

        var results: [RoutedReply] = commands.indices.map { .failure(failed[$0] ?? CancellationError()) }
        var movedOn: [Int] = []
        for (index, outcome) in zip(ready, outcomes) {
            if let outcome { results[index] = outcome } else { movedOn.append(index) }
        }
        for (index, result) in await follow(movedOn.map { ($0, commands[$0]) }, deadline) {
            results[index] = result
        }
        return results
    }

    private func sendDirect(_ commands: [RoutedCommand], _ deadline: Deadline) async -> [RoutedReply] {
        guard !commands.isEmpty else { return [] }
        do {
            let piece = BulkPiece(commands: commands.reduce(0) { $0 + $1.count }, bytes: commands.bytes)
            let replies = try await inTurn(piece, deadline: deadline) {
                try await carryOutEach(
                    Call(
                        groups: commands.map(\.count), idempotent: commands.allSatisfy(\.idempotent),
                        forKey: true, deadline: deadline)
                ) { writer in
                    for command in commands { command.write(&writer) }
                }.replies
            }
            return replies.map { .success(($0, self)) }
        } catch {
            return commands.indices.map { error.result(at: $0).map { ($0, self) } }
        }
    }

    /// Sends commands; those whose keys may move away from here each get a guard.
    /// - Returns: The result of each; nil if its key has moved.
    private func sendDuringHandOver(_ commands: [RoutedCommand], _ deadline: Deadline) async -> [RoutedReply?]
    {
        let guards = commands.map { $0.route.move?.isAnnounced == true }
        guard guards.contains(true) else { return await sendDirect(commands, deadline) }
        let counts = zip(commands, guards).map { $0.count + ($1 ? GuardedExchange.overhead : 0) }
        var (replies, failures): ([Reply], [Int: CachesError]) = ([], [:])
        do {
            let piece = BulkPiece(commands: counts.reduce(0, +), bytes: commands.bytes)
            replies = try await inTurn(piece, deadline: deadline) {
                try await carryOutEach(
                    Call(
                        piece.commands, idempotent: commands.allSatisfy(\.idempotent), forKey: true,
                        deadline: deadline)
                ) { writer in
                    for (command, isGuarded) in zip(commands, guards) {
                        if isGuarded, let move = command.route.move {
                            GuardedExchange.write([move], to: &writer, command.write)
                        } else {
                            command.write(&writer)
                        }
                    }
                }.replies
            }
        } catch let partial as PartialFailure {
            (replies, failures) = (partial.replies, partial.failures)
        } catch {
            return commands.map { _ in .failure(error) }
        }
        var start = 0
        return zip(guards, counts).map { isGuarded, count in
            defer { start += count }
            // A guarded command fails together with its guard.
            let places = start..<start + count
            if let error = places.lazy.compactMap({ failures[$0] }).first { return .failure(error) }
            guard isGuarded else { return .success((replies[places].outcome, self)) }
            do {
                let some = try GuardedExchange.replies(
                    replies[places], of: count - GuardedExchange.overhead, from: self)
                return some.map { .success(($0[...].outcome, self)) }
            } catch {
                return .failure(error)
            }
        }
    }

    /// Carries out commands on keys that have moved away from here, where they are now.
    private func follow(
        _ commands: [(index: Int, command: RoutedCommand)], _ deadline: Deadline
    ) async -> [(index: Int, result: RoutedReply)] {
        guard !commands.isEmpty else { return [] }
        let arrivals = await commands.compactMap(\.command.route.move).arrive(deadline: deadline)
        var results: [(index: Int, result: RoutedReply)] = []
        var portions: [Portion] = []
        for (position, (entry, arrival)) in zip(commands, arrivals).enumerated() {
            if let error = arrival.failure {
                results.append((entry.index, .failure(error)))
            } else if let node = entry.command.route.move?.new {
                portions.append(position, of: node)
            }
        }
        for portion in portions {
            let replies = await portion.node.sendDirect(
                portion.positions.map { commands[$0].command }, deadline)
            results += zip(portion.positions, replies).map { (commands[$0].index, $1) }
        }
        return results
    }
}

extension ArraySlice<Reply> {
    /// The outcome of one operation's commands: the first error, or the last reply.
    var outcome: Reply { first(where: \.isError) ?? last ?? .null }
}

package import CachesTransport

// MULTI … EXEC (https://redis.io/docs/latest/develop/using-commands/transactions/)
extension Node {
    /// Carries out operations as one.
    /// - Returns: One reply per operation, in order.
    package func sendAsOne(_ commands: [RoutedCommand], deadline: Deadline) async throws -> [Reply] {
        let counts = commands.map(\.count)
        let total = counts.reduce(0, +)
        let replies = try await pipeline(total + 2, forKey: true, deadline: deadline) { writer in
            writer.begin(1)
            writer.argument("MULTI")
            for command in commands { command.write(&writer) }
            writer.begin(1)
            writer.argument("EXEC")
        }
        // The reply to a command that could not be queued gives the reason; EXEC only says that there was
        // one.
        for reply in replies { _ = try reply.unlessError(from: self) }
        let outcomes = Array(try (replies.last ?? .null).requireArray(of: total, from: self))
        return CommandGroups(counts)?.outcomes(outcomes) ?? outcomes
    }

    /// Carries out commands as one, on a server from which, or to which, some of their keys are moving.
    ///
    /// - Returns: One reply per operation, in order; nil if keys have moved away from here: then nothing was
    ///   carried out, and all moving keys are at their new servers.
    package func sendAsOneUnlessMoved(
        _ commands: [RoutedCommand], deadline: Deadline
    ) async throws -> [Reply]? {
        let moves = commands.compactMap(\.route.move)
        let (leaving, arriving) = (moves.filter(\.isAnnounced), moves.filter { !$0.isAnnounced })
        if let error = await arriving.arrive(deadline: deadline).lazy.compactMap(\.failure).first {
            throw error
        }
        guard !leaving.isEmpty else { return try await sendAsOne(commands, deadline: deadline) }
        let counts = commands.map(\.count)
        let replies = try await sendUnlessMoved(
            leaving, count: counts.reduce(0, +), idempotent: false, deadline
        ) { writer in
            for command in commands { command.write(&writer) }
        }
        if let replies { return CommandGroups(counts)?.outcomes(replies) ?? replies }
        if let error = await leaving.arrive(deadline: deadline).lazy.compactMap(\.failure).first {
            throw error
        }
        return nil
    }
}

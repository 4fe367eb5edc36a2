internal import CachesTransport

// What a server of a cluster does not carry out, is carried out by the one that does. So it is by the primary
// with what a server refuses that Sentinels have demoted. Any other server comes here only with an error, and
// leaves with it.
extension Node {
    /// Has a command that this server refused carried out elsewhere, if that is what the refusal means.
    func redirect(
        _ answer: ServerError, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        if isOfCluster, RedirectionFailure.isUnreadable(answer) { throw RedirectionFailure.unreadable(self) }
        let call = Call(count: 1, idempotent: idempotent, deadline: deadline)
        return try await redirect([.error(answer)], call, write)[0].unlessError(from: self)
    }

    /// Has those of several commands that this server refused carried out elsewhere.
    /// - Returns: The replies, those that came from elsewhere in their places.
    /// - Throws: ``PartialFailure`` if some failed elsewhere, and not all.
    func redirect(
        _ replies: [Reply], _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard sentinels == nil else { return try await sendRefused(replies, call, write) }
        guard isOfCluster, replies.contains(where: \.isRedirection), let cluster else { return replies }
        var journey = Redirected(try RecordedCommands(write), replies, from: self, of: cluster, call)
        return try await journey.run()
    }

    /// Has commands carried out elsewhere that could not be sent to this server.
    /// - Throws: `error`, if there is no other server to ask.
    func sendElsewhere(
        _ call: Call, after error: CachesError, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard isOfCluster, let cluster else { throw error }
        cluster.want()
        guard !call.deadline.hasPassed else { throw error }
        // A connection that is closed under a command says nothing of whether that was carried out.
        guard call.forKey, error.wasNotSent || call.idempotent else { throw error }
        // No server takes it, or its reply is more than is read from any.
        guard error.code != .tooLarge, !error.mayBeItsCause else { throw error }
        let commands: RecordedCommands
        do throws(CachesError) { commands = try RecordedCommands(write) } catch { throw error.at(name) }
        guard
            let other = try await cluster.other(
                than: self, for: commands, after: error, deadline: call.deadline)
        else { throw error }
        var journey = Redirected(commands, goingTo: other, of: cluster, call)
        return try await journey.run()
    }
}

internal import CachesTransport

// What a server of a deployment does not carry out, is carried out by the one that does: the deployment knows
// which. A server by itself comes here only with an error, and leaves with it.
extension Node {
    /// Has a command that this server refused carried out elsewhere, if that is what the refusal means.
    func redirect(
        _ answer: ServerError, idempotent: Bool, deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        guard let deployment else { throw answer.error(node: name) }
        if let error = deployment.error(of: answer, from: self) { throw error }
        let call = Call(count: 1, idempotent: idempotent, deadline: deadline)
        return try await deployment.redirect([.error(answer)], call, from: self, write)[0]
            .unlessError(from: self)
    }

    /// Has those of several commands that this server refused carried out elsewhere.
    /// - Returns: The replies, those that came from elsewhere in their places.
    /// - Throws: ``PartialFailure`` if some failed elsewhere, and not all.
    func redirect(
        _ replies: [Reply], _ call: Call, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard let deployment, replies.contains(where: \.isError) else { return replies }
        return try await deployment.redirect(replies, call, from: self, write)
    }

    /// Has commands carried out elsewhere that could not be sent to this server.
    /// - Throws: `error`, if there is no other server to ask.
    func sendElsewhere(
        _ call: Call, after error: CachesError, _ write: (inout CommandWriter) -> Void
    ) async throws -> [Reply] {
        guard let deployment else { throw error }
        return try await deployment.sendElsewhere(call, than: self, after: error, write)
    }
}

import CachesCluster

// A node that was out is used again before it is known of all its keys whether something newer was written
// elsewhere: see `Rejoin` in CachesCluster. Calls on such a key go this way for some seconds.

extension CacheEntry {
    /// Whether the owner may have an older value of the key than was written in its place; nil: no.
    ///
    /// A command that fails while its node is out was never written elsewhere, and is never in doubt.
    final func doubt(at route: Route) -> DoubtfulKey? {
        guard route.node.isInDoubt, route.move == nil, outagePolicy != .fail else { return nil }
        return pool.doubt(about: route.key.text, connection: connection, owner: route.node)
    }

    /// Carries out a command on a key in doubt: at once if it replaces the value, else only if the value
    /// is known to be new enough. A read finds nothing otherwise.
    final func send<Output>(
        _ command: CacheCommand<Output>, _ call: Call, inDoubt key: DoubtfulKey
    ) async throws -> Output {
        do {
            return try await carryOut(command, call, inDoubt: key)
        } catch let error as CachesError where DoubtfulKey.isDoubt(error) {
            CacheCounters.countDoubted()
            guard let answer = command.answerWhenOut else { throw key.error }
            return answer()
        } catch let error as CachesError where error.leavesTime {
            return try await sendToStandIn(command, call, after: error)
        }
    }

    private func carryOut<Output>(
        _ command: CacheCommand<Output>, _ call: Call, inDoubt key: DoubtfulKey
    ) async throws -> Output {
        let words = command.words
        guard words.isPlain, words.count == 1, words.whenOut != .fail else {
            // Not in one step with the command: a value that is written in between is sure, too.
            _ = try await call.node.send(idempotent: true, deadline: call.deadline) {
                key.writeCheck(to: &$0)
            }
            return try await sendToOwner(command, call)
        }
        let reply = try await call.node.send(idempotent: true, deadline: call.deadline) {
            words.write(key, words.replaces ? .write : .read, to: &$0)
        }
        return try command.read(reply, call.node)
    }
}

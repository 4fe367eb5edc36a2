extension CacheEntry {
    /// Reads one page of the collection at the key, from its owner.
    ///
    /// - Returns: The page and a token for its origin: nil, or an object that is the same for the next page
    ///   if that page comes from the same server process. nil for both if the node is out and the policy is
    ///   to miss.
    final func readPage<Page>(
        _ command: CacheCommand<Page>
    ) async throws -> (page: Page, origin: AnyObject?)? {
        do {
            let call = try call()
            do {
                return try await call.readPage(command)
            } catch let error as CachesError where error.leavesTime {
                // Only the connection was lost.
                guard try await call.node.isUsed(before: call.deadline) else { throw error }
                return try await call.readPage(command)
            }
        } catch let error as CachesError {
            try applyOutagePolicy(to: command.words, after: error)
            return nil
        }
    }
}

extension CacheEntry.Call {
    fileprivate func readPage<Page>(
        _ command: CacheCommand<Page>
    ) async throws -> (page: Page, origin: AnyObject?) {
        if let move = route.move {
            let (reply, node) = try await move.send(idempotent: true, deadline: deadline) { writer in
                command.words.write(key, to: &writer)
            }
            return (try command.read(reply, node), node)
        }
        let answer = try await node.carryOut(
            Node.Call(idempotent: true, forKey: true, deadline: deadline)
        ) { writer in
            command.words.write(key, to: &writer)
        }
        return (try command.read(answer.only(from: node), node), answer.connection)
    }
}
